"""Rule 5: a device is on at most one open shipment; what was sent and not received stays with it and is listed."""

import pytest
from django.db import IntegrityError, transaction

from firstbell.devices.actions import shipments
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Shipment, ShipmentItem
from firstbell.devices.queries import shipments_under_way
from tests import make
from tests.rules.town import Town, build, custody, refused, without

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


def _send(town: Town, *devices: int, **later: float) -> Shipment:
    here, there = town.school.site.pk, town.district.depot.pk
    return shipments.send(from_site_id=here, to_site_id=there, device_ids=list(devices), **town.moment(**later))


def _shelved(town: Town) -> int:
    relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment())
    return town.device.pk


def test_a_device_on_its_way_is_sent_nowhere_else(town):
    first = _send(town, _shelved(town), hours=1)
    with refused("not_here"):
        _send(town, town.device.pk, hours=2)
    with refused("on_a_shipment"):
        relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment(hours=2))
    other = Shipment.objects.create(from_site=town.school.site, to_site=town.district.depot, packed_at=town.district.at)
    with pytest.raises(IntegrityError, match="one_open_shipment_per_device"), transaction.atomic():
        ShipmentItem.objects.create(shipment=other, device=town.device)
    with without("DROP INDEX one_open_shipment_per_device"):
        assert ShipmentItem.objects.create(shipment=other, device=town.device).pk
    assert custody(town.device).shipment == first


def test_what_was_not_received_stays_in_the_shipments_hands_and_is_listed(town):
    shipment = _send(town, _shelved(town), town.loaner.pk, hours=1)
    act = town.moment(hours=2) | {"by": town.district.technician}
    shipments.receive(shipment_id=shipment.pk, place_id=town.district.bench.pk, device_ids=[town.loaner.pk], **act)
    assert custody(town.device).shipment == shipment
    assert custody(town.loaner).place == town.district.bench
    listed = shipments_under_way(by=town.school.lead_actor).get()
    assert (listed, listed.status) == (shipment, Shipment.Status.PARTLY_RECEIVED)
    rest = act | {"op": make.op()}
    shipments.receive(shipment_id=shipment.pk, place_id=town.district.bench.pk, **rest)
    assert not shipments_under_way(by=town.school.lead_actor).exists()


def test_without_the_open_lines_nobody_would_miss_it(town, monkeypatch):
    """The control: a receiving that ticks the whole manifest makes the missing device vanish from the list."""
    shipment = _send(town, _shelved(town), town.loaner.pk, hours=1)
    real = shipments._open_items
    monkeypatch.setattr(shipments, "_open_items", lambda row, _devices: real(row, None))
    act = town.moment(hours=2) | {"by": town.district.technician}
    shipments.receive(shipment_id=shipment.pk, place_id=town.district.bench.pk, device_ids=[town.loaner.pk], **act)
    assert not shipments_under_way(by=town.school.lead_actor).exists()
    assert custody(town.device).place == town.district.bench
