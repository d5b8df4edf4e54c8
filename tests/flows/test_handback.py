"""The ends of a case that are not the usual one."""

import pytest

from firstbell.devices.models import Condition, Device
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.handback import return_loaner
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db


def test_a_loaner_for_the_day_closes_its_ticket_when_it_comes_back() -> None:
    town = make.district()
    here = town.schools[0]
    own, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    by, at = here.lead_actor, town.at
    ticket = swap_at_desk(device_id=own.pk, loaner_id=spare.pk, symptom="flat", by=by, at=at, op=make.op())
    assert make.fresh(own).status == Device.Status.IN_SERVICE
    return_loaner(device_id=spare.pk, grade=Condition.Grade.GOOD, by=by, at=at, op=make.op())
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.CLOSED


def test_a_loaner_for_a_repair_leaves_its_ticket_open() -> None:
    town = make.district()
    here = town.schools[0]
    own, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    by, at = here.lead_actor, town.at
    ticket = swap_at_desk(device_id=own.pk, loaner_id=spare.pk, symptom="cracked", by=by, at=at, op=make.op())
    return_loaner(device_id=spare.pk, grade=Condition.Grade.DAMAGED, by=by, at=at, op=make.op())
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.WAITING
    assert make.fresh(spare).status == Device.Status.QUARANTINED
