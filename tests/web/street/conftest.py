"""Public pages are tested on a school day and with compiled catalogues."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests import make
from tools import messages


@pytest.fixture(autouse=True, scope="session")
def _catalogues() -> None:
    messages.main()


@pytest.fixture(autouse=True)
def _a_school_day() -> Iterator[None]:
    """Public pages say when somebody is there: it is Monday, 2:30 p.m. in New York."""
    with time_machine.travel(make.MONDAY + timedelta(hours=6)):
        yield


@pytest.fixture
def town(db: None) -> make.District:
    return make.district()


@pytest.fixture
def here(town: make.District) -> make.School:
    return town.schools[0]
