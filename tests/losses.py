"""Money and loss for pictures and page checks: a charge partly paid, a waiver asked for, a theft, a referral."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from firstbell.directory.models import User
from firstbell.fees.actions.books import A, agree_plan, take_payment
from firstbell.fees.actions.policy import set_rows
from firstbell.fees.actions.waivers import ask_waiver, file_appeal
from firstbell.fees.usual import USUAL
from firstbell.flows.charges import propose_charge
from firstbell.flows.losses import report_gone
from firstbell.incidents.actions import note_damage, refer
from firstbell.incidents.models import Incident, Referral
from firstbell.kernel.roles import Role
from firstbell.kernel.sealed import Sealed
from firstbell.web.street.bill import token_of
from tests import make

DAY = timedelta(days=1)


@dataclass
class Losses:
    """What the pages about money and loss are about."""

    person: int
    device: str
    charge: int
    undecided: int
    theft: int
    referral: int
    token: str
    administrator: User


def losses(town: make.District, school: make.School, now: datetime) -> Losses:
    """Let three things happen to a school's devices: a spill that is charged, a drop that is not yet, a theft."""
    kim, administrator = make.user("kim", Role.SCHOOL_ADMIN, school.site)
    people = [make.person(school.site, *names) for names in (("Ana", "Lopez"), ("Sam", "Okoro"), ("Tom", "Berg"))]
    devices = [make.device(town, school, person, tag=f"LM-{1190 + n}") for n, person in enumerate(people)]
    office: dict[str, Any] = {"by": town.office, "at": now - DAY}
    set_rows(lines=USUAL, since=(now - 2 * DAY).date(), op=make.op(), **office | {"at": now - 2 * DAY})
    spill, drop = (
        note_damage(device_id=device.pk, cause=cause, happened_at=now - DAY, op=make.op(), **office)
        for device, cause in zip(devices, (Incident.Cause.LIQUID, Incident.Cause.ACCIDENTAL), strict=False)
    )
    charge = propose_charge(incident_id=spill.pk, op=make.op(), **office)
    paid: dict[str, Any] = {"charge_id": charge.pk, "amount_cents": 2000, "method": A.CHEQUE, "reference": "1042"}
    take_payment(**paid, op=make.op(), **office)
    agree_plan(charge_id=charge.pk, parts=3, first_on=(now + 9 * DAY).date(), op=make.op(), **office)
    act = {"by": administrator, "at": now}
    ask_waiver(charge_id=charge.pk, ground=Sealed("siblings"), op=make.op(), **act)  # type: ignore[arg-type]
    file_appeal(charge_id=charge.pk, words="The lid was open already.", op=make.op(), **act)  # type: ignore[arg-type]
    refer(incident_id=drop.pk, op=make.op(), **office)
    gone: dict[str, Any] = {"cause": Incident.Cause.STOLEN, "where": Incident.Where.VEHICLE, "circumstance": "visible"}
    theft = report_gone(
        device_id=devices[2].pk, happened_at=now - DAY, last_seen="Car park, 7:40", op=make.op(), **gone, **office
    )
    referral = Referral.objects.everyone(reason="a test looks").get(incident=drop)
    found = (charge.pk, drop.pk, theft.pk, referral.pk)
    return Losses(people[0].pk, devices[0].tag, *found, token_of(charge.pk), kim)
