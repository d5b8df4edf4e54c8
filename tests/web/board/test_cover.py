"""Cover as leadership sets it: terms by day; devices by model and purchase, by a list, one by one; seen first."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from firstbell.claims.models import Cover, Coverage
from firstbell.devices.models import Device
from firstbell.directory.models import User
from tests import make
from tests.vendors.outside import Outside, outside
from tests.web.depot.world import form, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def o() -> Outside:
    return outside()


@pytest.fixture
def office(o: Outside) -> Client:
    return signed_in(User.objects.get(pk=o.w.town.office.user_id or 0))


def _enter(office: Client, **fields: Any) -> Any:
    terms: dict[str, Any] = {
        "kind": "maker", "name": "Acme warranty", "vendor": "", "fault": ["board", "battery"], "cause": ["defect"],
        "deductible": "0", "limit": "", "year": "", "claims": "", "waiting": "0", "since": "2026-01-01",
    }  # fmt: skip
    return office.post("/cover/new", form(**terms | fields))


def _bought(device: Device, day: date) -> None:
    Device.objects.everyone(reason="a test sets it").filter(pk=device.pk).update(purchased_on=day)


def _text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def _covered() -> set[int]:
    return set(Coverage.objects.everyone(reason="a test looks").values_list("device_id", flat=True))


def test_terms_are_read_back_as_they_were_set(office):
    _enter(office, limit="250", year="400.50", claims="2", waiting="14", deductible="25")
    page = _text(office.get("/cover"))
    for said in ("Acme warranty", "$250.00", "$400.50", "2 claims", "14 days", "$25.00", "Battery"):
        assert said in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"limit": "much"}, "Write amounts like 25 or 12.50."),
        ({"claims": "many"}, "Give a whole number from 0 to 100."),
        ({"since": ""}, "Say from which day on."),
        ({"fault": []}, "Choose at least one fault"),
        ({"kind": "magic"}, "Choose one of the answers offered."),
        ({"name": " "}, "Give the cover a name"),
        ({"limit": "0"}, "The limit must be more than"),
    ],
)
def test_what_makes_no_cover_is_said_and_what_was_typed_stays(office, fields, sentence):
    answered = _enter(office, **fields)
    assert answered.status_code == 422
    assert sentence in _text(answered)
    assert not Cover.objects.exists()


def test_by_model_and_days_of_purchase_they_are_seen_first_and_then_covered(o, office):
    early, fits, undated = (make.device(o.w.town, o.w.here) for _ in range(3))
    _bought(early, date(2025, 1, 1))
    _bought(fits, date(2026, 3, 1))
    _enter(office)
    cover = Cover.objects.get()
    chosen = {"model": o.w.town.model.pk, "bought_from": "2026-01-01", "begin": "purchase", "months": "24"}
    seen = office.post(f"/cover/{cover.pk}/devices", form(**chosen))
    assert "1 device would get it" in _text(seen)
    assert _covered() == set()
    any_day = office.post(f"/cover/{cover.pk}/devices", form(**chosen | {"bought_from": ""}))
    assert "1 device has no purchase date and is left out." in _text(any_day)
    office.post(f"/cover/{cover.pk}/devices", form(sure="yes", tags=fits.tag, begin="purchase", months="24"))
    row = Coverage.objects.everyone(reason="a test looks").get()
    assert (row.device, row.since, row.until) == (fits, date(2026, 3, 1), date(2028, 3, 1))
    assert undated.pk not in _covered()


def test_a_list_gives_cover_to_what_it_names(o, office):
    first, second = make.device(o.w.town, o.w.here), make.device(o.w.town, o.w.here)
    _enter(office)
    cover = Cover.objects.get()
    data = SimpleUploadedFile("cover.csv", f"Tag,Until\n{first.tag},x\n{second.serial};y\nNOPE\n".encode())
    seen = _text(office.post(f"/cover/{cover.pk}/devices", form(list=data, begin="day", **{"from": "2026-08-01"})))
    assert "2 devices would get it" in seen
    assert "NOPE" in seen
    nothing = office.post(f"/cover/{cover.pk}/devices", form(begin="purchase"))
    assert "Choose a model or days of purchase" in _text(nothing)


def test_a_cover_ends_for_one_device(o, office):
    device = make.device(o.w.town, o.w.here)
    o.covered(device)
    row = Coverage.objects.everyone(reason="a test looks").get()
    office.post(f"/cover/ending/{row.pk}", form(until="2026-09-10"))
    row.refresh_from_db()
    assert row.until == date(2026, 9, 10)
    assert "ended" in _text(office.get(f"/devices/{device.tag}"))


def test_others_read_the_terms_and_change_nothing(o, office):
    _enter(office)
    lead = signed_in(o.w.here.lead)
    page = _text(lead.get("/cover"))
    assert "Acme warranty" in page
    assert "Enter a cover" not in page
    assert _enter(lead).status_code in {403, 404}
