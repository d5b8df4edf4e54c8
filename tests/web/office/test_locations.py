"""Addresses and coordinates, as the office sets them."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from firstbell.directory.models import Site
from firstbell.directory.rules import read_point
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from tests import make

pytestmark = pytest.mark.django_db


def office() -> Client:
    page = Client()
    page.force_login(make.user("office", Role.DISTRICT_IT)[0])
    return page


def send(page: Client, **fields: Any) -> Any:
    return page.post("/locations/setting", {"op": str(make.op()), **fields}, follow=True)


def test_coordinates_are_set_for_several_sites_and_only_what_changed_is_on_record() -> None:
    town, page = make.district(2), office()
    here, there = (school.site for school in town.schools)
    assert "3 sites have no coordinates" in page.get("/locations").content.decode()
    fields = {
        f"address-{here.pk}": " 12 Oak Lane ", f"point-{here.pk}": "38.2527, -85.7585",
        f"address-{there.pk}": "", f"point-{there.pk}": "",
    }  # fmt: skip
    assert "Addresses and coordinates are set." in send(page, **fields).content.decode()
    here.refresh_from_db()
    assert (here.address, here.latitude, here.longitude) == ("12 Oak Lane", Decimal("38.2527"), Decimal("-85.7585"))
    assert history(here)[0].kind == "directory.site_located"
    assert "directory.site_located" not in [event.kind for event in history(there)]
    told = len(history(here))
    shown = page.get("/locations").content.decode()
    assert "38.25270, -85.75850" in shown
    send(page, **{f"address-{here.pk}": "12 Oak Lane", f"point-{here.pk}": "38.25270, -85.75850"})
    assert len(history(here)) == told, "the same again is nothing new"


def test_what_is_unclear_is_said_with_its_site_and_stays_in_the_form() -> None:
    town, page = make.district(1), office()
    here = town.schools[0].site
    answer = send(page, **{f"address-{here.pk}": "1 Elm", f"point-{here.pk}": "next to the church"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f"The coordinates of {here.name} are not clear." in text
    assert "next to the church" in text
    here.refresh_from_db()
    assert (here.address, here.latitude) == ("", None)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("38.2527, -85.7585", ("38.25270", "-85.75850")),
        ("(38.2527 -85.7585)", ("38.25270", "-85.75850")),
        ("  -33.9;151.123456 ", ("-33.90000", "151.12346")),
        ("0, 0", ("0.00000", "0.00000")),
    ],
)
def test_coordinates_are_read_as_maps_write_them(text: str, point: tuple[str, str]) -> None:
    assert read_point(text, "x") == tuple(map(Decimal, point))


@pytest.mark.parametrize("text", ["38.2527", "91, 0", "0, 181", "a, b", "38,25, -85,75", "٣٨, ٤", "1e5, 2"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="point_unclear"):
        read_point(text, "x")


def test_the_database_refuses_half_a_point_and_places_off_the_globe() -> None:
    site = make.school().site
    for wrong in ({"latitude": 1}, {"longitude": 1}, {"latitude": 91, "longitude": 0}):
        with pytest.raises(IntegrityError, match="site_on_the_map"), transaction.atomic():
            Site.objects.filter(pk=site.pk).update(**wrong)


def test_only_the_office_sets_them() -> None:
    town = make.district(1)
    page = Client()
    page.force_login(town.schools[0].lead)
    assert page.get("/locations").status_code == 404
    assert page.post("/locations/setting", {"op": str(make.op())}).status_code == 404
