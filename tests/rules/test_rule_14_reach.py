"""Rule 14: a reader sees only rows that their roles reach; the query is where this is decided."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from firstbell.accessories.actions import issue_accessory, make_kind, receive_stock
from firstbell.accessories.models import AccessoryKind
from firstbell.counts.actions import Scope, open_count
from firstbell.counts.models import Count
from firstbell.courier.actions import PlannedRun, PlannedStop, ask_by_hand, plan_runs
from firstbell.devices.models import Device
from firstbell.directory.actions import make_place
from firstbell.directory.models import ClassGroup, Enrolment, Person, Place, RoleHeld
from firstbell.directory.scope import ScopedModel, ScopedQuerySet, Unscoped, load, load_all, lock
from firstbell.fees.actions.books import agree_plan
from firstbell.fees.actions.policy import protect
from firstbell.fees.actions.waivers import ask_waiver_by_link, file_appeal
from firstbell.fees.models import Charge
from firstbell.flows.charges import propose_charge
from firstbell.flows.collect import collect
from firstbell.flows.desk import take_in
from firstbell.flows.transport import empty_box, scan_in
from firstbell.incidents.actions import note_damage, refer
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import REPORTER, SYSTEM, Actor
from firstbell.kernel.errors import Missing
from firstbell.kernel.roles import Role
from firstbell.kernel.sealed import Sealed
from firstbell.parts.actions import order_parts, receive_parts
from firstbell.parts.models import PartKind
from firstbell.rounds.actions import check_filter, count_charging
from firstbell.seasons.actions import start_collecting, start_handing_out
from firstbell.tickets.actions import set_skill
from firstbell.tickets.models import TeamSkill
from firstbell.transfers.actions import keep_list, order_export
from tests import make
from tests.benchwork import benchwork
from tests.outsiders import outsiders
from tests.rules.test_rule_08_phones_and_repeats import Pocket
from tests.rules.town import Town, build, set_fee

pytestmark = pytest.mark.django_db
SCOPED: list[Any] = [model for model in apps.get_models() if issubclass(model, ScopedModel)]
ASK: dict[str, Callable[[Any], object]] = {
    "list": list,
    "get": lambda rows: rows.get(pk=1),
    "first": lambda rows: rows.first(),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(),
    "iterator": lambda rows: list(rows.iterator()),
    "values": lambda rows: list(rows.values("pk")),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "filtered": lambda rows: list(rows.filter(pk=1).order_by("pk")[:3]),
    "update": lambda rows: rows.update(pk=1),
    "delete": lambda rows: rows.delete(),
}


@pytest.fixture
def town() -> Town:
    """A town with a row in every scoped table."""
    town = build()
    office = town.moment() | {"by": town.district.office}
    set_fee(town, cents=5000)
    spill = note_damage(
        device_id=town.device.pk, cause=Incident.Cause.LIQUID, happened_at=town.district.at, **town.moment()
    )
    _money(town, propose_charge(incident_id=spill.pk, **office | {"op": make.op()}), spill.pk)
    pocket = Pocket(town)
    pocket.scan("teleport", minutes=1, device=town.device.tag)
    pocket.send()
    town.swap()
    town.mend(hours=2)
    _big_days(town)
    _team(town)
    _walks(town)
    _courier(town)
    _benches(town)
    return town


def _walks(town: Town) -> None:
    """Charging places counted, a filter check that failed."""
    count_charging(place_id=town.school.places["room"].pk, places=4, working=3, **town.moment())
    helper = make.user("checker", Role.STUDENT_TECH, town.school.site, supervisor_id=town.school.lead.pk)[1]
    check_filter(device_id=town.loaner.pk, result="off", **town.moment() | {"by": helper})


def _courier(town: Town) -> None:
    """A request for the courier, taken up by a run."""
    act = town.moment(hours=10) | {"by": town.district.technician}
    here, day = town.school.site.pk, act["at"].date()
    ask_by_hand(site_id=here, wanted_on=day, **act)
    planned = (PlannedRun((PlannedStop(here, expected=1, to_bring=0, arrives_at=act["at"]),), metres=900),)
    plan_runs(depot_id=town.district.depot.pk, day=day, capacity=9, planned=planned, **act | {"op": make.op()})


def _benches(town: Town) -> None:
    """Parts at the school and on order, a repair against the scope table, and repairs that vendors have."""
    now = town.district.at + timedelta(hours=11, minutes=15)
    stock = benchwork(town.district, *_carried(town), now)
    assert stock.board
    kind = PartKind.objects.order_by("pk")[0]
    act: dict[str, Any] = {"by": town.school.lead_actor, "at": now}
    shelf = town.school.places["desk"].pk
    parts = receive_parts(kind_id=kind.pk, place_id=shelf, pieces=2, op=make.op(), **act)
    order_parts(stock_id=parts.pk, pieces=5, op=make.op(), **act)
    outsiders(town.district, town.school, now)


def _carried(town: Town) -> tuple[int, int]:
    """Two more devices that broke and lie at the depot."""
    pks = [make.device(town.district, town.school, make.person(town.school.site)).pk for _twice in range(2)]
    for pk in pks:
        take_in(device_id=pk, symptom="cracked", **town.moment(hours=10))
    at, box = town.district.at + timedelta(hours=11), town.school.places["pickup_box"].pk
    act: dict[str, Any] = {"by": town.district.technician, "at": at}
    out = empty_box(place_id=box, only=tuple(pks), op=make.op(), **act)
    scan_in(shipment_id=out.pk, op=make.op(), **act)
    return pks[0], pks[1]


def _team(town: Town) -> None:
    """A student helper who is learning something."""
    lead = town.school.lead
    helper = make.user("helper", Role.STUDENT_TECH, town.school.site, supervisor_id=lead.pk)[0]
    held = RoleHeld.objects.get(user=helper)
    set_skill(helper_id=held.pk, skill="input", level=TeamSkill.Level.LEARNING, **town.moment())


def _money(town: Town, charge: Charge, incident_id: int) -> None:
    """Everything that can hang on a charge, and files in transit of somebody in the office."""
    office, day = {"by": town.district.office}, town.district.at.date()
    agree_plan(charge_id=charge.pk, parts=2, first_on=day + timedelta(days=30), **town.moment() | office)
    ask_waiver_by_link(charge_id=charge.pk, ground=Sealed("hardship"), **town.moment() | office)
    file_appeal(charge_id=charge.pk, words="It was broken before.", **town.moment() | office)
    protect(person_id=town.ana.pk, since=day, until=day + timedelta(days=300), **town.moment() | office)
    refer(incident_id=incident_id, **town.moment())
    keep_list(name="a.csv", size=1, digest="", file="nowhere", options={}, **town.moment() | office)
    asked = {"query": "", "about": {}}
    order_export(listing="queue", form="csv", asked=asked, **town.moment() | office)


def _big_days(town: Town) -> None:
    """A count, a stock with a charger given out, a collection with one device in it, and a hand-out."""
    here, model = town.school.site, town.district.model.pk
    store = make_place(site_id=here.pk, kind=Place.Kind.STORE, name="Store room", **make.system())
    kind = make_kind(sort=AccessoryKind.Sort.CHARGER, name="45 W", model_ids=[model], **make.system())
    own = make.device(town.district, town.school, make.person(here))
    stock = receive_stock(kind_id=kind.pk, place_id=store.pk, pieces=6, **town.moment(hours=9))
    issue_accessory(stock_id=stock.pk, device_id=own.pk, **town.moment(hours=9))
    due = town.district.at.date() + timedelta(days=3)
    start_collecting(place_id=store.pk, until=due, **town.moment(hours=9))
    collect(device_id=own.pk, **town.moment(hours=9))
    group = ClassGroup.objects.create(source_id="8b", site=here, title="Homeroom 8B", homeroom=True)
    Enrolment.objects.create(class_group=group, person=make.person(here))
    start_handing_out(class_group_id=group.pk, **town.moment(hours=9))
    everything = Scope(kind=Count.Scope.EVERYTHING, site_id=here.pk)
    open_count(name="Fall", scope=everything, due_on=due, **town.moment(hours=9))


def _seen(model: Any, actor: Actor) -> int:
    return len(list(model.objects.visible_to(actor)))


@pytest.mark.parametrize("ask", ASK, ids=str)
@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_query_that_names_no_actor_raises(model, ask):
    with pytest.raises(Unscoped):
        ASK[ask](model.objects.all())


def test_without_the_question_it_would_answer(town, monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "_ask", lambda _self: None)
    assert Device.objects.count() >= 3


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_nobody_sees_another_schools_rows(town, model):
    elsewhere = make.school("Elsewhere").site
    strangers = [make.user(role.value, role, elsewhere)[1] for role in (Role.IT_LEAD, Role.COACH, Role.SCHOOL_ADMIN)]
    assert [_seen(model, actor) for actor in [*strangers, REPORTER]] == [0, 0, 0, 0]


MONEY = {"Charge", "Entry", "PayPlan", "Protection", "Appeal", "Waiver"}
"""The school's administrators and the district decide about money, never a lead."""
SEALED = {"WaiverGround", "Referral"}
"""Only a school's administrators read why somebody asks for a waiver, and what was referred to them."""
DEPOTS = {"Run", "ScopeOverride"}
"""What belongs to the depot: its vans, and what its bench did against the scope table."""
OWNED = {"Notice": 0, "Letter": 0, "Upload": 1, "Download": 1}
"""What belongs to one user, and how many the office has."""


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_the_control_those_within_reach_do_see_them(town, model):
    name, office = model.__name__, town.district.office
    _user, principal = make.user("principal", Role.SCHOOL_ADMIN, town.school.site)
    if name in OWNED:
        assert [_seen(model, actor) for actor in (town.school.lead_actor, office)] == [0, OWNED[name]]
    elif name in MONEY | SEALED:
        assert _seen(model, town.school.lead_actor) == 0
        assert _seen(model, principal) >= 1
        assert (_seen(model, office) >= 1) == (name in MONEY)
    elif name in DEPOTS:
        assert _seen(model, town.school.lead_actor) == 0
        assert _seen(model, town.district.technician) >= 1
    else:
        assert _seen(model, town.school.lead_actor) >= 1
        assert _seen(model, office) >= 1
    everything = len(list(model.objects.everyone(reason="a test")))
    assert _seen(model, SYSTEM) == (0 if name in {"Upload", "Download"} else everything)


def test_what_is_out_of_reach_is_missing_not_denied(town):
    _lead, stranger = make.user("lead", Role.IT_LEAD, make.school().site)
    for call in (
        lambda: load(Device, town.device.pk, by=stranger),
        lambda: load(Device, 0, by=stranger),
        lambda: load_all(Device, [town.device.pk], by=stranger),
        lambda: lock(Device, 0),
    ):
        with pytest.raises(Missing):
            call()
    assert load(Device, town.device.pk, by=town.school.lead_actor, lock=False) == town.device


def test_everyone_needs_a_reason():
    with pytest.raises(Unscoped, match="reason"):
        Device.objects.everyone(reason="")


def test_a_person_of_two_schools_is_seen_by_both(town):
    elsewhere = make.school("Elsewhere")
    assert not Person.objects.visible_to(elsewhere.lead_actor).filter(pk=town.ana.pk).exists()
    town.ana.memberships.create(site=elsewhere.site)
    assert Person.objects.visible_to(elsewhere.lead_actor).filter(pk=town.ana.pk).exists()
