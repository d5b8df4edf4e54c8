"""What the state of a repair allows, and where it stands as seen from custody."""

from datetime import date
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.register import QUALITY_CHECK, REPAIR_FIELDS, REPAIR_WHERE
from firstbell.devices.models import Custody
from firstbell.directory.models import Place, Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.repairs.fixes import Fix
from firstbell.repairs.models import Bench, Delay, ScopeRow, WorkOrder

S = WorkOrder.Status

MOVES: dict[WorkOrder.Status, frozenset[WorkOrder.Status]] = {
    S.OPENED: frozenset({S.DIAGNOSED, S.AWAITING_PARTS, S.REPAIRED, S.BEYOND_REPAIR, S.CLOSED}),
    S.DIAGNOSED: frozenset({S.AWAITING_PARTS, S.REPAIRED, S.BEYOND_REPAIR, S.CLOSED, S.DIAGNOSED}),
    S.AWAITING_PARTS: frozenset({S.DIAGNOSED, S.REPAIRED, S.BEYOND_REPAIR, S.CLOSED}),
    S.REPAIRED: frozenset({S.CHECKED, S.DIAGNOSED, S.BEYOND_REPAIR, S.CLOSED}),
    S.CHECKED: frozenset({S.CLOSED, S.DIAGNOSED}),
    S.BEYOND_REPAIR: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
}
"""From each status, the statuses a work order may go to."""

ON_THE_BENCH = (S.OPENED, S.DIAGNOSED, S.AWAITING_PARTS)


class Stage(StrEnum):
    """Where a repair stands, as everybody sees it. The middle ones are read off custody."""

    AT_DESK = "at_desk"
    AWAITING_PICKUP = "awaiting_pickup"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    DIAGNOSED = "diagnosed"
    AWAITING_PARTS = "awaiting_parts"
    AT_VENDOR = "at_vendor"
    REPAIRED = "repaired"
    CHECKED = "checked"
    RETURNING = "returning"
    AT_SCHOOL = "at_school"
    HANDED_BACK = "handed_back"
    BEYOND_REPAIR = "beyond_repair"


JOURNEY = (
    Stage.AWAITING_PICKUP,
    Stage.IN_TRANSIT,
    Stage.RECEIVED,
    Stage.REPAIRED,
    Stage.CHECKED,
    Stage.RETURNING,
    Stage.AT_SCHOOL,
    Stage.HANDED_BACK,
)
"""The steps a repair takes by way of the depot, for the strip that shows where it is."""

_FIXED = {
    S.CLOSED: Stage.HANDED_BACK,
    S.BEYOND_REPAIR: Stage.BEYOND_REPAIR,
    S.DIAGNOSED: Stage.DIAGNOSED,
    S.AWAITING_PARTS: Stage.AWAITING_PARTS,
    S.REPAIRED: Stage.REPAIRED,
}


def stage(order: WorkOrder, custody: Custody | None) -> Stage:
    """Return where a repair stands, from its status and where the device is."""
    travelling = custody is not None and custody.kind == Custody.Kind.SHIPMENT
    if order.status in ON_THE_BENCH and custody is not None and custody.site.kind == Site.Kind.VENDOR:
        return Stage.AT_VENDOR
    if order.status == S.OPENED and custody is not None:
        return Stage.IN_TRANSIT if travelling else _before_the_bench(custody)
    if order.status == S.CHECKED and custody is not None:
        if travelling:
            return Stage.RETURNING
        return Stage.AT_SCHOOL if custody.site_id == order.site_id else Stage.CHECKED
    return _FIXED.get(S(order.status), Stage.AT_DESK)


def _before_the_bench(custody: Custody) -> Stage:
    if custody.site.kind == Site.Kind.DEPOT:
        return Stage.RECEIVED
    in_box = custody.place is not None and custody.place.kind == Place.Kind.PICKUP_BOX
    return Stage.AWAITING_PICKUP if in_box else Stage.AT_DESK


def check_move(order: WorkOrder, to: WorkOrder.Status) -> None:
    """A work order follows the table of moves."""
    if to not in MOVES[S(order.status)]:
        raise Refused(
            "work_order_move",
            _("The repair of {tag} is “{status}” and cannot become “{to}”."),
            tag=order.device.tag,
            status=S(order.status).label,
            to=to.label,
        )


def check_bench_is_here(order: WorkOrder, custody: Custody | None, where: str, actor: Actor) -> None:
    """A device is repaired where it is: at the depot, or at its school when the plan says so (S62)."""
    tag = order.device.tag
    if custody is None or custody.kind != Custody.Kind.PLACE:
        raise Refused("not_at_a_bench", _("{tag} is not here according to the record. Scan it in first."), tag=tag)
    if custody.site.kind == Site.Kind.VENDOR:
        raise Refused("at_vendor", _("{tag} is at {site}, who repairs it."), tag=tag, site=custody.site.name)
    if custody.site.kind != Site.Kind.DEPOT and where != "school":
        raise Refused(
            "repaired_at_depot",
            _("The plan says that devices are repaired at the depot. {tag} is still at {site}."),
            decision=REPAIR_WHERE.key,
            tag=tag,
            site=custody.site.name,
        )
    if not actor.may(Permission.REPAIR, custody.site_id):
        raise Refused(
            "bench_elsewhere",
            _("{tag} is at {site}, and those who work there repair it."),
            tag=tag,
            site=custody.site.name,
        )


def check_complete(order: WorkOrder, needed: frozenset[str], *, part_named: bool, photographed: bool = False) -> None:
    """What the plan wants on record is there before a repair is complete (S70)."""
    have = {"fault": bool(order.fault), "part": part_named, "minutes": order.minutes > 0, "photos": photographed}
    missing = sorted(field for field in needed if not have[field])
    if missing:
        raise Refused(
            "record_incomplete",
            _("Before this repair is complete the record needs: {missing}."),
            decision=REPAIR_FIELDS.key,
            missing=REPAIR_FIELDS.in_words(missing),
        )


def check_amounts(cents: int | None, minutes: int | None) -> None:
    """A part costs something or nothing, and work takes time."""
    if min(cents or 0, minutes or 0) < 0:
        raise Refused("below_zero", _("Cents and minutes cannot be below zero."))


def check_second_person(order: WorkOrder, actor: Actor, rule: str) -> None:
    """The check is somebody else's when the plan says so."""
    if rule == "second_person" and order.repaired_by_id == actor.user_id:
        raise Refused(
            "second_person",
            _("The plan wants somebody else to check a repair. You repaired this one."),
            decision=QUALITY_CHECK.key,
        )


def check_ready_to_return(order: WorkOrder) -> None:
    """Only checked repairs go back to their people."""
    if order.status != S.CHECKED:
        raise Refused(
            "not_checked",
            _("The repair of {tag} is “{status}”; it goes back once it is checked."),
            tag=order.device.tag,
            status=S(order.status).label,
        )


def check_delay(why: str, note: str) -> None:
    """A reason is one of the list; “another reason” is said in words."""
    if why not in Delay.Why.values:
        raise Refused("why_late", _("Choose why it was late."))
    if why == Delay.Why.OTHER and not note.strip():
        raise Refused("why_late_words", _("Say in a few words what the other reason was."))


# --- Scope ---------------------------------------------------------------------------------------------------------

LEVELS = {Site.Kind.SCHOOL: Bench.SCHOOL, Site.Kind.VENDOR: Bench.VENDOR}
"""Where a bench stands, as the scope table says it; every other site is the district's."""
MOST_PHOTOS = 12
LONGEST = 24 * 60


def bench_at(site: Site) -> Bench:
    """Return as what a site counts in the scope table."""
    return LEVELS.get(Site.Kind(site.kind), Bench.DISTRICT)


def is_outside(row: ScopeRow | None, here: Bench) -> bool:
    """Say whether a repair is not to be made here."""
    return row is not None and here < row.lowest


def voids_cover(row: ScopeRow | None, here: Bench, warranty_until: date | None, today: date) -> bool:
    """Say whether a repair here would end a warranty that still holds (S84)."""
    in_house = row is not None and row.voids_cover and here < Bench.VENDOR
    return in_house and warranty_until is not None and warranty_until >= today


def check_scope(order: WorkOrder, found: Fix, row: ScopeRow, *, outside: bool, why: str, actor: Actor) -> None:
    """What the scope table keeps elsewhere is made here only when a named person says why (S29, S30, S84)."""
    if why.strip() and actor.user_id:
        return
    if outside:
        raise Refused(
            "out_of_scope",
            _("By the scope table this is repaired {place}: {fault}, {model}. Hand it on, or say why it is done here."),
            place=Bench(row.lowest).label,
            fault=found.fault,
            model=order.device.model,
        )
    raise Refused(
        "voids_cover",
        _("This repair would void the maker's warranty of {tag}, which holds until {day}. Send it out, or say why."),
        tag=order.device.tag,
        day=order.device.warranty_until,
    )


def check_lowest(lowest: int, fault_known: bool) -> None:  # noqa: FBT001 -- asked of a lookup just made
    """A row names one of the usual faults and one of the places."""
    if not fault_known:
        raise Refused("fix_unknown", _("Choose what was wrong."))
    if lowest not in Bench.values:
        raise Refused("place_unknown", _("Choose from where on it may be repaired."))


def check_scope_day(since: date, today: date) -> None:
    """A row applies from today on at the earliest: what was repaired before was judged by what held then."""
    if since < today:
        raise Refused("scope_backdated", _("A row applies from today on at the earliest."))


def check_scope_after(row: ScopeRow, day: date) -> None:
    """The new row begins after the one that is in force began."""
    if day <= row.since:
        raise Refused(
            "scope_same_day", _("The row in force began on {day}. The new one begins on a later day."), day=row.since
        )


# --- Labour and photos ---------------------------------------------------------------------------------------------


def check_worked(order: WorkOrder, minutes: int) -> None:
    """Work takes some minutes of one day, on a repair that is open."""
    if order.closed_at is not None:
        raise Refused("repair_over", _("The repair of {tag} is closed."), tag=order.device.tag)
    if not 1 <= minutes <= LONGEST:
        raise Refused("minutes", _("Give the minutes of work: 1 to {most}."), most=LONGEST)


def check_may_photograph(order: WorkOrder, kept: int) -> None:
    """A repair that is open takes a few photos."""
    if order.closed_at is not None:
        raise Refused("repair_over", _("The repair of {tag} is closed."), tag=order.device.tag)
    if kept >= MOST_PHOTOS:
        raise Refused("too_many_photos", _("{n} photos are kept already. Remove one first."), n=kept)
