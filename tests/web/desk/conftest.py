"""One school with its lead signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.test import Client

from firstbell.devices.models import Device
from firstbell.directory.models import Person, User
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.clock import utc_now
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make


@dataclass
class Desk:
    """The desk of one school, as its lead works at it."""

    town: make.District
    here: make.School
    client: Client

    def post(self, url: str, **data: object) -> Any:
        """Send a form with an operation id of its own."""
        return self.client.post(url, {"op": str(make.op())} | data)

    def sign_in(self, user: User) -> None:
        """Let somebody else work here."""
        self.client.force_login(user)

    def person(self, given: str = "Ana", **extra: Any) -> Person:
        return make.person(self.here.site, given, **extra)

    def device(self, owner: Person | None = None) -> Device:
        return make.device(self.town, self.here, owner)

    def loaner(self) -> Device:
        return make.loaner(self.town, self.here)

    def report(self, device: Device | None = None, symptom: str = "cracked", **extra: Any) -> Ticket:
        """Report something as anybody with a code would."""
        told = Report(site_id=self.here.site.pk, symptom=symptom, device_id=device.pk if device else None, **extra)
        channel, at = Ticket.Channel.QR, utc_now()
        return report_problem(report=told, channel=channel, by=REPORTER, at=at, op=make.op()).ticket

    def act(self) -> dict[str, Any]:
        """Return the keywords of a verb that the lead calls now."""
        return {"by": self.here.lead_actor, "at": utc_now(), "op": make.op()}

    def technician(self) -> dict[str, Any]:
        """Return the keywords of a verb that the depot's technician calls now."""
        return {"by": self.town.technician, "at": utc_now(), "op": make.op()}


@pytest.fixture
def desk(db: None, client: Client) -> Desk:
    town = make.district(schools=2)
    client.force_login(town.schools[0].lead)
    return Desk(town, town.schools[0], client)


Says = Callable[[Any, str], bool]


@pytest.fixture
def says() -> Says:
    """Say whether an answer's page holds these words."""

    def look(answer: Any, words: str) -> bool:
        return words in " ".join(unescape(answer.content.decode()).split())

    return look
