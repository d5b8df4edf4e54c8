"""One school with a device that broke, for the rules that must always hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from firstbell.devices.models import Custody, Device
from firstbell.directory.models import Person
from firstbell.fees.actions.policy import set_policy
from firstbell.fees.models import FeePolicy
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.errors import Refused
from firstbell.loans.models import Loan
from firstbell.repairs.actions import check, repair
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Ticket
from tests import make


@dataclass
class Town:
    """A district with one school, Ana, her device and a loaner."""

    district: make.District
    school: make.School
    ana: Person
    device: Device
    loaner: Device

    def moment(self, **later: float) -> dict[str, Any]:
        """Return the keywords of a verb run by the school's lead some time after the start."""
        return {"by": self.school.lead_actor, "at": self.district.at + timedelta(**later), "op": make.op()}

    def swap(self, **later: float) -> Ticket:
        """Ana's device is broken; she gets the loaner."""
        return swap_at_desk(
            device_id=self.device.pk, loaner_id=self.loaner.pk, symptom="cracked", **self.moment(**later)
        )

    def order(self) -> WorkOrder:
        """Return the open repair of Ana's device."""
        found = order_of(self.device.pk)
        assert found is not None
        return found

    def mend(self, **later: float) -> None:
        """Take the device to the depot, repair and check it, and bring it back to the school."""
        at, tech = self.district.at + timedelta(**later), self.district.technician
        out = empty_box(place_id=self.school.places["pickup_box"].pk, by=tech, at=at, op=make.op())
        scan_in(shipment_id=out.pk, by=tech, at=at, op=make.op())
        repair(work_order_id=self.order().pk, fault="screen", by=tech, at=at, op=make.op())
        check(work_order_id=self.order().pk, passed=True, by=self.district.checker, at=at, op=make.op())
        back = pack_return(site_id=self.school.site.pk, by=tech, at=at, op=make.op())
        scan_in(shipment_id=back.pk, by=self.school.lead_actor, at=at, op=make.op())


def build() -> Town:
    """Make the town."""
    district = make.district()
    school = district.schools[0]
    ana = make.person(school.site)
    return Town(district, school, ana, make.device(district, school, ana), make.loaner(district, school))


def custody(device: Device) -> Custody:
    """Return where a device is."""
    return Custody.objects.select_related("person", "place", "site").get(device=device, until__isnull=True)


def set_fee(town: Town, cause: str = "liquid", cents: int = 1) -> FeePolicy:
    """Let the district ask for something, from today on."""
    act = town.moment() | {"by": town.district.office}
    holder, today = FeePolicy.Holder.STUDENT, town.district.at.date()
    return set_policy(cause=cause, holder_kind=holder, amount_cents=cents, cap_cents=cents, since=today, **act)


def loans_of(person: Person) -> list[Loan]:
    """Return the open loans of a person."""
    return list(Loan.objects.everyone(reason="a test looks").filter(person=person, returned_at__isnull=True))


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Expect a refusal with this code, and nothing left behind."""
    with pytest.raises(Refused) as caught, transaction.atomic():
        yield
    assert caught.value.code == code
    assert "{" not in caught.value.sentence


@contextmanager
def without(*statements: str) -> Iterator[None]:
    """Take a guard of the database away for a moment; what happens meanwhile is undone."""
    with transaction.atomic():
        point = transaction.savepoint()
        with connection.cursor() as cursor:
            for statement in ("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED", *statements):
                cursor.execute(statement)
        try:
            yield
        finally:
            transaction.savepoint_rollback(point)
