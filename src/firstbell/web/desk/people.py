"""A person's page: their device, their loaner, what they wait for. No more of them than that."""

from datetime import datetime

from django.contrib import messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.accessories.queries import held_by
from firstbell.devices.models import Assignment, Custody, Device
from firstbell.devices.queries import owned_by, owner, where
from firstbell.directory.models import ClassGroup, Person
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.loans.models import Loan
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import OPEN
from firstbell.tickets.triage import symptom, symptoms
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.desk.deviceless import deviceless
from firstbell.web.desk.past import asked_day, person_then
from firstbell.web.desk.words import device_address, grade_of, local_day, said_day, where_is
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


def person_page(request: FirstbellRequest, pk: int) -> HttpResponse:
    """Show a person."""
    return _show(request, pk)


def _show(request: FirstbellRequest, pk: int, refusal: Refused | None = None) -> HttpResponse:
    by = request.actor
    person = one(_with_homeroom(Person.objects.visible_to(by)), pk=pk)
    devices = owned_by(person, by=by)
    tickets = _open_tickets(person, by)
    context = {
        "person": person,
        "who": grade_of(person),
        "homeroom": ", ".join(filter(None, [getattr(person, "room_title", ""), getattr(person, "room_name", "")])),
        "devices": [
            {"device": row, "url": device_address(row), "where": where_is(where(row), by), "why": _why(row)}
            for row in devices
        ],
        "loans": _loans(person, request.at),
        "holdings": held_by(person),
        "here": f"/people/{person.pk}",
        "then": person_then(person, asked_day(request, person.site.timezone if person.site else "UTC"), by),
        "deviceless": deviceless(person, by, request.at),
        "tickets": [{"ticket": row, "what": _what(row.symptom)} for row in tickets],
        "badge": getattr(person, "badge", None),
        "number": person.local_number or person.display_name,
        "may_print": person.active and by.may(Permission.MOVE_DEVICES),
        "may_report": person.site_id is not None and by.may(Permission.WORK_TICKETS, person.site_id),
        "may_lend": person.site_id is not None and by.may(Permission.LEND, person.site_id),
        "symptoms": symptoms(),
        "chosen": request.POST.get("symptom", ""),
        "note": request.POST.get("note", ""),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/person.html", context, status=status_of(refusal))


def _why(device: Device) -> str:
    """Return why it is one of several, where it is (S126)."""
    found = owner(device)
    return str(Assignment.Reason(found.reason).label) if found and found.reason else ""


def _open_tickets(person: Person, by: Actor) -> QuerySet[Ticket]:
    """Return what is open for a person: their own reports, and those about a device they own or hold."""
    owned = Assignment.objects.filter(person=person, until__isnull=True)
    held = Custody.objects.filter(person=person, until__isnull=True)
    theirs = Q(person=person) | Q(device__in=owned.values("device")) | Q(device__in=held.values("device"))
    return Ticket.objects.visible_to(by).filter(theirs, status__in=OPEN).select_related("site").order_by("opened_at")


def _what(code: str) -> str:
    branch = symptom(code)
    return branch.label if branch else code


def _with_homeroom(people: ScopedQuerySet[Person]) -> ScopedQuerySet[Person]:
    """Fetch along the title of a person's homeroom and where it is."""
    rows = ClassGroup.objects.filter(enrolments__person=OuterRef("pk"), homeroom=True, active=True).order_by("pk")
    shown = people.select_related("site", "badge")
    return shown.annotate(
        room_title=Subquery(rows.values("title")[:1]), room_name=Subquery(rows.values("place__name")[:1])
    )


def _loans(person: Person, at: datetime) -> list[dict[str, object]]:
    rows = Loan.objects.everyone(reason="the person was loaded in reach").filter(person=person, returned_at=None)
    found = []
    for loan in rows.select_related("device__device__model", "site"):
        today = local_day(at, loan.site)
        found.append(
            {
                "tag": loan.device.device.tag,
                "url": device_address(loan.device.device),
                "due": said_day(loan.due_on, today),
                "late": (today - loan.due_on).days,
                "reason": Loan.Reason(loan.reason).label,
            }
        )
    return found


@require_POST
def report_for(request: FirstbellRequest, pk: int) -> HttpResponse:
    """Open a ticket for this person, about the device they choose or none."""
    person = one(Person.objects.visible_to(request.actor), pk=pk)
    if person.site_id is None or not request.actor.may(Permission.WORK_TICKETS, person.site_id):
        raise Missing("Person")
    device_id = _owned(person, request.POST.get("device"), request.actor)
    reporter = person.kind if person.kind in Ticket.Reporter.values else Ticket.Reporter.FAMILY
    report = Report(
        site_id=person.site_id,
        symptom=request.POST.get("symptom", ""),
        device_id=device_id,
        person_id=person.pk,
        reporter=reporter,
        note=request.POST.get("note", ""),
    )
    made: list[Ticket] = []
    refusal = attempt(lambda: made.append(open_ticket(report=report, channel=Ticket.Channel.DESK, **act_of(request))))
    if refusal:
        return _show(request, pk, refusal)
    messages.success(request, _("Noted as ticket {code}.").format(code=made[0].code))
    return HttpResponseRedirect(f"/tickets/{made[0].code}")


def _owned(person: Person, text: str | None, by: Actor) -> int | None:
    chosen = whole(text)
    return next((row.pk for row in owned_by(person, by=by) if row.pk == chosen), None)
