"""How a report stands, in plain words for the person who made it: places, never people."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import HAND_BACK_DAYS, PICKUP_DAYS, PICKUP_RULE, REPAIR_DAYS
from firstbell.devices.models import Custody
from firstbell.devices.queries import where
from firstbell.directory.models import Site
from firstbell.directory.queries import school_time, with_calendar
from firstbell.loans.models import Loan
from firstbell.loans.queries import loan_on
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_for
from firstbell.repairs.rules import JOURNEY, Stage, stage
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import OPEN, opens_again
from firstbell.tickets.triage import symptom, symptoms
from firstbell.web.street.expected import Pace, expected_day
from firstbell.web.street.going import going, to_the_desk

Said = Callable[[], str]


@dataclass(frozen=True)
class Standing:
    """Where it is, whose turn it is, and what comes next."""

    title: str
    where: str
    turn: str
    icon: str
    hours: str = ""
    week: str = ""
    since: datetime | None = None
    steps: list[dict[str, str]] = field(default_factory=list)
    expected: date | None = None
    loan: Loan | None = None
    handed_in: bool = False
    done: bool = False


STEPS: tuple[tuple[frozenset[Stage], Said], ...] = (
    (frozenset({Stage.AT_DESK, Stage.AWAITING_PICKUP}), lambda: _("Handed in")),
    (frozenset({Stage.IN_TRANSIT}), lambda: _("On its way")),
    (
        frozenset(
            {
                Stage.RECEIVED,
                Stage.DIAGNOSED,
                Stage.AWAITING_PARTS,
                Stage.AT_VENDOR,
                Stage.REPAIRED,
                Stage.CHECKED,
            }
        ),
        lambda: _("Being repaired"),
    ),
    (frozenset({Stage.RETURNING}), lambda: _("On its way back")),
    (frozenset({Stage.AT_SCHOOL}), lambda: _("Ready for you")),
    (frozenset({Stage.HANDED_BACK}), lambda: _("Back with you")),
)
"""The journey of a repair as its owner sees it: the stages of JOURNEY, some taken together."""
assert set(JOURNEY) <= {one for stages, _said in STEPS for one in stages}

NEXT: dict[Stage, Said] = {
    Stage.AT_DESK: lambda: _("Next: it goes to the repair shop."),
    Stage.AWAITING_PICKUP: lambda: _("Next: the courier takes it to the repair shop."),
    Stage.IN_TRANSIT: lambda: _("Next: the repair shop unpacks it."),
    Stage.RECEIVED: lambda: _("Next: a technician finds out what is wrong."),
    Stage.DIAGNOSED: lambda: _("Next: it is repaired."),
    Stage.AWAITING_PARTS: lambda: _("It needs a new part. The part is on order."),
    Stage.AT_VENDOR: lambda: _("The repair shop sent it to a specialist. Next: it comes back repaired."),
    Stage.REPAIRED: lambda: _("It is repaired. Next: somebody checks it."),
    Stage.CHECKED: lambda: _("It is repaired and checked. Next: the courier brings it back."),
    Stage.RETURNING: lambda: _("It is repaired. Next: it arrives at your school."),
    Stage.HANDED_BACK: lambda: _("Nothing more to do."),
    Stage.BEYOND_REPAIR: lambda: _("It cannot be repaired. School IT tells you what you get instead."),
}


@dataclass(frozen=True)
class Scene:
    """What every answer here needs, read once: the ticket, its school and the depot with their calendars, the plan."""

    ticket: Ticket
    site: Site
    depot: Site | None
    answers: Plan
    at: datetime


def standing(ticket: Ticket, answers: Plan, at: datetime) -> Standing:
    """Return how a ticket stands: by its repair where there is one, else by its own state."""
    here, depot = with_depot(ticket.site_id)
    scene = Scene(ticket, here, depot, answers, at)
    order, loan = order_for(ticket), loan_on(ticket.pk)
    if order:
        return _swapped() if order.for_pool else _repair(scene, order, loan)
    return _lent(loan) if loan else _by_status(scene)


def with_depot(site_id: int) -> tuple[Site, Site | None]:
    """Return a school and the depot its repairs go to, both with their calendars."""
    rows = with_calendar(Site.objects.filter(Q(pk=site_id) | Q(kind=Site.Kind.DEPOT, closed_on__isnull=True)))
    sites = list(rows.order_by("pk"))
    here = next(site for site in sites if site.pk == site_id)
    return here, next((site for site in sites if site.kind == Site.Kind.DEPOT), None)


def _swapped() -> Standing:
    """The plan gave another device for good (S61): the old one's journey is no longer this person's."""
    title, turn = _("You have another device"), NEXT[Stage.HANDED_BACK]()
    return Standing(title, _("The new one is yours now"), turn, "check", done=True)


def _lent(loan: Loan) -> Standing:
    where_said = _("Use loaner {tag} for now").format(tag=loan.device.device.tag)
    turn = _("Bring it back to the tech desk when you are done.")
    return Standing(_("You have a loaner"), where_said, turn, "loaner", loan=loan)


def _repair(scene: Scene, order: WorkOrder, loan: Loan | None) -> Standing:
    custody = where(order.device)
    now = stage(order, custody)
    since = custody.since if custody else order.opened_at
    desk = to_the_desk(scene.site, scene.at) if now is Stage.AT_SCHOOL else None
    return Standing(
        title=_title(now),
        where=desk.where if desk else _hand(now, custody, scene.site),
        turn=desk.when if desk else NEXT[now](),
        week=desk.week if desk else "",
        icon="check" if now in {Stage.HANDED_BACK, Stage.AT_SCHOOL} else _icon(custody),
        since=None if now is Stage.HANDED_BACK else since,
        steps=_strip(now),
        expected=expected_day(now, since, scene.at, pace_of(scene.site, scene.depot, scene.answers)),
        loan=loan,
        handed_in=True,
        done=now is Stage.HANDED_BACK,
    )


def _title(now: Stage) -> str:
    if now is Stage.HANDED_BACK:
        return _("Your device is back")
    return _("Your device is ready") if now is Stage.AT_SCHOOL else _("Your device is being repaired")


def _hand(now: Stage, custody: Custody | None, site: Site) -> str:
    """Say the last hand as a place: who has it is nobody's business here."""
    if now is Stage.HANDED_BACK:
        return _("It is back with its owner")
    if custody is None or custody.kind == Custody.Kind.PERSON:
        return _("At {site}").format(site=site.name)
    if custody.kind == Custody.Kind.SHIPMENT:
        to = custody.shipment.to_site if custody.shipment else site
        return _("On its way to {site}").format(site=to.name)
    if custody.site.kind == Site.Kind.DEPOT:
        return _("At {site}").format(site=custody.site.name)
    return _("At {site}: {place}").format(site=custody.site.name, place=custody.place)


def _icon(custody: Custody | None) -> str:
    if custody is None or custody.kind == Custody.Kind.PERSON:
        return "device"
    if custody.kind == Custody.Kind.SHIPMENT:
        return "truck"
    return "depot" if custody.site.kind == Site.Kind.DEPOT else "box"


def _strip(now: Stage) -> list[dict[str, str]]:
    """Return the steps of the journey; empty where it took another way."""
    here = next((index for index, (stages, _said) in enumerate(STEPS) if now in stages), None)
    if here is None:
        return []
    return _states([said() for _stages, said in STEPS], len(STEPS) if here == len(STEPS) - 1 else here)


def _states(labels: list[str], done: int) -> list[dict[str, str]]:
    states = ["done" if index < done else "now" if index == done else "next" for index in range(len(labels))]
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]


def pace_of(site: Site, depot: Site | None, answers: Plan) -> Pace:
    """Return how fast things go for a school, from its calendar, the depot's and the plan."""
    says, school = answers.says, school_time(site)
    return Pace(
        school=school,
        depot=school_time(depot) if depot else school,
        pickup_days=says(PICKUP_DAYS, site.pk) if says(PICKUP_RULE, site.pk) == "days" else frozenset(),
        repair_days=says(REPAIR_DAYS, site.pk),
        hand_back_days=says(HAND_BACK_DAYS, site.pk),
    )


def _by_status(scene: Scene) -> Standing:
    ticket = scene.ticket
    if ticket.status not in OPEN:
        return _solved(ticket, scene.at)
    if ticket.status == Ticket.Status.WAITING and ticket.waiting_on == Ticket.WaitingOn.REPORTER:
        return _worked_on(_("We have a question for you"), _("Please answer below."), "mail")
    if ticket.status in {Ticket.Status.IN_PROGRESS, Ticket.Status.WAITING}:
        return _worked_on(_("Somebody is working on it"), _("You find every answer on this page."), "repair")
    return _fresh(scene)


def _fresh(scene: Scene) -> Standing:
    ticket = scene.ticket
    branch = symptom(ticket.symptom) or symptoms()[-1]
    family = ticket.reporter == Ticket.Reporter.FAMILY
    go = going(branch, scene.site, scene.answers, scene.at, stopper=ticket.class_stopper, family=family)
    return Standing(_("We have your report"), go.where, branch.next, go.icon, hours=go.when, week=go.week)


def _solved(ticket: Ticket, at: datetime) -> Standing:
    turn = (
        _("Not solved? Write below: your report opens again.") if opens_again(ticket, at) else NEXT[Stage.HANDED_BACK]()
    )
    return Standing(_("It is solved"), _("It works again"), turn, "check", steps=_short(3), done=True)


def _worked_on(said: str, turn: str, icon: str) -> Standing:
    return Standing(_("We are on it"), said, turn, icon, steps=_short(1))


def _short(done: int) -> list[dict[str, str]]:
    return _states([_("You asked for help"), _("Somebody looks at it"), _("It works again")], done)
