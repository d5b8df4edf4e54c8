"""After the repair: its check by the plan's rule, the way home by school, and what is beyond repair."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import QUALITY_CHECK, REPAIR_WHERE
from firstbell.devices.models import Assignment, Shipment
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.flows import bench as verbs
from firstbell.flows.handback import retire_unrepairable
from firstbell.flows.transport import pack_return
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import at_benches, to_return
from firstbell.web.asking import act_of, new_operation, one
from firstbell.web.depot.bench import order_of
from firstbell.web.depot.order_view import benches, what_is_wrong
from firstbell.web.desk.words import name_of, site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

S = WorkOrder.Status
OLDEST = (Column("repaired_at", datetime.fromisoformat), Column("pk", int))
SHOWN = 12
BEYOND = 50


@dataclass(frozen=True)
class ToCheck:
    """One repair that waits for its check, and whether this reader may do it."""

    order: WorkOrder
    done: str
    may: bool
    op: str


@dataclass
class Parcel:
    """What goes back to one school."""

    site: Site
    tags: list[str] = field(default_factory=list)
    for_pool: int = 0
    op: str = ""

    @property
    def count(self) -> int:
        """Return how many devices go back."""
        return len(self.tags)

    @property
    def shown(self) -> list[str]:
        """Return the first tags; the manifest holds them all."""
        return self.tags[:SHOWN]

    @property
    def more(self) -> int:
        """Return how many tags are not shown."""
        return max(0, len(self.tags) - SHOWN)


@dataclass(frozen=True)
class Beyond:
    """One device that is beyond repair, with whose it is."""

    order: WorkOrder
    what: str
    owner: str
    op: str


def checks(request: FirstbellRequest) -> HttpResponse:
    """Show repairs that wait for their check, oldest first."""
    return _show_checks(request)


def _show_checks(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    page, lines = _repaired(request.actor).page(request.GET.get("after", ""))
    context = {
        "lines": lines,
        "mine": sum(not line.may for line in lines),
        "refusal": told(refusal),
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "packs": request.actor.may(Permission.TRANSPORT),
    }
    return render(request, "depot/checks.html", context, status=status_of(refusal))


def _repaired(by: Actor) -> Lines[WorkOrder, ToCheck]:
    answers = plan([REPAIR_WHERE.key, QUALITY_CHECK.key])
    sites = benches(by, answers).values_list("pk", flat=True)
    rows = at_benches(sites, by=by).filter(status=S.REPAIRED)
    return Lines(rows, OLDEST, partial(_said, answers, by))


def _said(answers: Plan, by: Actor, rows: list[WorkOrder]) -> list[ToCheck]:
    return [_to_check(row, by, answers.says(QUALITY_CHECK, row.site_id)) for row in rows]


def _sheet(asked: Asked) -> Sheet[ToCheck]:
    return Sheet(FIELDS, _repaired(asked.by))


FIELDS: tuple[Field[ToCheck], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.order.device.tag),
    Field(gettext_lazy("Model"), lambda line: str(line.order.device.model)),
    Field(gettext_lazy("School"), lambda line: line.order.site.name),
    Field(gettext_lazy("What was done"), lambda line: line.done),
    Field(gettext_lazy("By"), lambda line: str(line.order.repaired_by or "")),
    Field(gettext_lazy("When"), lambda line: site_time(line.order.repaired_at, line.order.device.at_site), Sort.MOMENT),
)
LISTING = listing("checks", gettext_lazy("To check"), "checks", _sheet)


def _to_check(row: WorkOrder, by: Actor, rule: str) -> ToCheck:
    found = fix(row.fault)
    may = rule == "same_person" or row.repaired_by_id != by.user_id
    return ToCheck(row, found.label if found else "", may, str(new_operation()))


@require_POST
def check(request: FirstbellRequest, code: str) -> HttpResponse:
    """Pass a repair, or send it back to the bench."""
    order, act = order_of(request, code), act_of(request)
    passed = request.POST.get("result") == "passed"
    refusal = attempt(lambda: verbs.check(work_order_id=order.pk, passed=passed, **act))
    if refusal:
        return _show_checks(request, refusal)
    said = _("{tag} passed. It is ready to go back.") if passed else _("{tag} is back on the bench.")
    messages.success(request, said.format(tag=order.device.tag))
    return redirect("checks")


def returns(request: FirstbellRequest) -> HttpResponse:
    """Show what goes back, by school, and what is beyond repair."""
    return _show_returns(request)


def _show_returns(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    parcels = _parcels(request.actor)
    context = {
        "parcels": parcels,
        "total": sum(parcel.count for parcel in parcels),
        "beyond": _beyond(request.actor),
        "may_retire": request.actor.may(Permission.REGISTER_DEVICES),
        "refusal": told(refusal),
    }
    return render(request, "depot/returns.html", context, status=status_of(refusal))


def _parcels(by: Actor) -> list[Parcel]:
    found: dict[int, Parcel] = {}
    reach = sites_of(by, Permission.TRANSPORT)
    rows = to_return(by=by).filter(site__in=reach).prefetch_related(None)
    for order in rows:
        parcel = found.setdefault(order.site_id, Parcel(order.site, op=str(new_operation())))
        parcel.tags.append(order.device.tag)
        parcel.for_pool += order.for_pool
    return list(found.values())


def _beyond(by: Actor) -> list[Beyond]:
    """Return what is beyond repair at the depots; what belongs to somebody leaves them without a device."""
    depots = sites_of(by, Permission.TRANSPORT).filter(kind=Site.Kind.DEPOT).values_list("pk", flat=True)
    owned = Assignment.objects.filter(until__isnull=True).select_related("person", "class_group")
    rows = at_benches(depots, by=by).filter(status=S.BEYOND_REPAIR)
    rows = rows.prefetch_related(Prefetch("device__assignments", queryset=owned, to_attr="open_assignments"))
    return [_beyond_line(row, by) for row in rows[:BEYOND]]


def _beyond_line(row: WorkOrder, by: Actor) -> Beyond:
    assigned: list[Assignment] = getattr(row.device, "open_assignments", [])
    owner = name_of(assigned[0].person, by) if assigned and assigned[0].person else ""
    return Beyond(row, what_is_wrong(row), owner, str(new_operation()))


@require_POST
def pack(request: FirstbellRequest, site_id: int) -> HttpResponse:
    """Pack everything that is ready for one school."""
    if not request.actor.may(Permission.TRANSPORT, site_id):
        raise Missing("Site")
    act = act_of(request)
    sent: list[Shipment] = []
    refusal = attempt(lambda: sent.append(pack_return(site_id=site_id, **act)))
    if refusal:
        return _show_returns(request, refusal)
    count = sent[0].items.count()
    said = ngettext("%(n)d device is packed.", "%(n)d devices are packed.", count) % {"n": count}
    messages.success(request, said)
    return redirect("shipment", sent[0].code)


@require_POST
def retirement(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take a device that is beyond repair out of the inventory."""
    rows = WorkOrder.objects.visible_to(request.actor, Permission.REGISTER_DEVICES)
    order, act = one(rows.select_related("device"), code=code.upper()), act_of(request)
    reason = request.POST.get("reason", "")
    refusal = attempt(lambda: retire_unrepairable(work_order_id=order.pk, reason=reason, **act))
    if refusal:
        return _show_returns(request, refusal)
    said = _("{tag} is out of the inventory. Its ticket says that its owner needs another device.")
    messages.success(request, said.format(tag=order.device.tag))
    return redirect("returns")
