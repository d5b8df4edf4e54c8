"""How many loaners: read off a district's own loans, in the plan's words, against the reference's closed forms."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from firstbell.decisions.queries import says
from firstbell.decisions.register import LOANER_TARGET
from firstbell.devices.models import Condition
from firstbell.directory.models import Site
from firstbell.flows.desk import swap_at_desk
from firstbell.kernel.roles import Role
from firstbell.loans.actions import take_back
from firstbell.measures.options import Need, needs, option
from firstbell.measures.reach import reach_of
from firstbell.planning.pools import least_pool, loaner_pool
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def lend(town: make.District, here: make.School, *, begun: int, back: int | None) -> None:
    """Swap a device some days after Monday; the loaner comes back on another day, or is still out."""
    own, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    act: dict[str, Any] = {"by": here.lead_actor, "op": make.op()}
    swap_at_desk(device_id=own.pk, loaner_id=spare.pk, symptom="cracked", at=make.MONDAY + begun * DAY, **act)
    if back is not None:
        at = make.MONDAY + back * DAY
        take_back(device_id=spare.pk, grade=Condition.Grade.GOOD, by=here.lead_actor, at=at, op=make.op())


def test_a_schools_need_is_read_off_its_loans_those_still_out_too() -> None:
    town = make.district(2)
    here, there = town.schools
    Site.objects.filter(pk__in=[here.site.pk, there.site.pk]).update(enrolment=600)
    for _twice in range(6):
        lend(town, here, begun=0, back=4)
    lend(town, here, begun=1, back=None)
    first, second = needs(reach_of(town.office), make.MONDAY + 7 * DAY)
    assert (first.loans, first.pool) == (7, 7)
    assert first.days == pytest.approx((6 * 4 + 4 + 5 * 4) / (7 + 5))  # five loans' worth of the district's
    assert second.loans == 0
    assert 0 < second.rate < first.rate, "a school without loans is drawn towards the district's pace"


def test_options_are_the_closed_forms() -> None:
    rows = [Need(1, 60, 0.8, 6.0, 5), Need(2, 20, 0.2, 6.0, 3)]
    found = option(rows, 0.95)
    assert found.needed == least_pool(4.8, 0.95) + least_pool(1.2, 0.95)
    each = [loaner_pool(rate=row.rate, turnaround=row.days, loaners=row.pool) for row in rows]
    assert found.found == pytest.approx(0.8 * each[0].ready + 0.2 * each[1].ready)
    assert found.waiting == pytest.approx(each[0].waiting + each[1].waiting)
    assert option(rows, 0.95, together=True).needed == least_pool(6.0, 0.95) < found.needed
    sooner = option([row.changed(faster=3) for row in rows], 0.95)
    busier = option([row.changed(more=0.5) for row in rows], 0.95)
    assert sooner.needed < found.needed < busier.needed
    assert sooner.waiting < found.waiting < busier.waiting


def test_what_is_tried_becomes_the_plan_and_changes_what_the_figures_ask(client: Client) -> None:
    town = make.district()
    lend(town, town.schools[0], begun=0, back=None)
    client.force_login(make.user("office", Role.DISTRICT_IT)[0])
    page = client.get("/plan/options/loaners?target=99&faster=1&more=50").content.decode()
    assert "1 loan of the last 12 weeks" in page.replace("\n", " ")
    assert "Back 1 school day sooner" in page
    evidence = page.split("<textarea", 1)[1].split(">", 1)[1].split("<", 1)[0]
    assert "for 99 % it takes" in evidence
    sent = {"op": str(make.op()), "value": "99", "reason": evidence}
    assert client.post(f"/plan/{LOANER_TARGET.key}/answers", sent).status_code == 302
    assert says(LOANER_TARGET) == 99
    assert "for 99 % it takes" in client.get(f"/plan/{LOANER_TARGET.key}").content.decode()


def test_the_figures_say_who_lacks_loaners_by_the_plans_answer(client: Client) -> None:
    town = make.district()
    for _again in range(3):
        lend(town, town.schools[0], begun=0, back=None)
    client.force_login(make.user("office", Role.DISTRICT_IT)[0])
    make.decision(LOANER_TARGET.key, 50)
    few = client.get("/figures/loaners").content.decode()
    make.decision(LOANER_TARGET.key, 99)
    many = client.get("/figures/loaners").content.decode()
    assert "Every school has the loaners that the plan asks for" in few
    assert "1 school has fewer loaners than the plan asks for" in many


def test_nonsense_in_the_address_is_left_at_the_usual(client: Client) -> None:
    client.force_login(make.user("office", Role.DISTRICT_IT)[0])
    page = client.get("/plan/options/loaners?target=5000&faster=-3&more=x&price=0")
    assert page.status_code == 200
    assert 'value="95"' in page.content.decode()
