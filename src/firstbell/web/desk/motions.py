"""What is done with a device at the desk. Each is one call; a refusal is shown on the device's page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.devices.actions.custody import hand_over, relocate
from firstbell.devices.actions.inventory import clear_for_use, set_aside, unassign
from firstbell.devices.models import Condition, Device
from firstbell.devices.queries import by_code
from firstbell.directory.models import Person, Place
from firstbell.directory.queries import find_people
from firstbell.flows.desk import WHY_NO_LOANER, swap_at_desk, take_in
from firstbell.flows.handback import hand_back, put_in_pool, return_loaner
from firstbell.flows.issue import issue
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.loans.actions import join_pool, leave_pool, lend
from firstbell.loans.models import Loan
from firstbell.web.asking import act_of, safe_next, whole
from firstbell.web.desk.device_view import DeviceView, look
from firstbell.web.desk.devices import beside_of, show
from firstbell.web.desk.finding import code_in
from firstbell.web.desk.words import name_of
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt

Doing = Callable[[DeviceView], str]
"""Does something with a device and returns the sentence that says so."""


def do(request: FirstbellRequest, tag: str, doing: Doing) -> HttpResponse:
    """Do something with a device: on to the next page, or its own page with the refusal on it."""
    view = look(tag, by=request.actor, at=request.at, beside=beside_of(request))
    said: list[str] = []
    refusal = attempt(lambda: said.append(doing(view)))
    if refusal:
        return show(request, tag, refusal)
    messages.success(request, said[0])
    return HttpResponseRedirect(safe_next(request, view.address))


def _scanned(request: FirstbellRequest, field: str) -> Device:
    """Return the device that was scanned into a field; raises Refused when the code is none in reach."""
    text = request.POST.get(field, "").strip()
    found = by_code(code_in(text), by=request.actor) if text else None
    if found is None:
        raise Refused("code_unknown", _("No device with the code “{text}” is in your reach."), text=text, tag=text)
    return found


def _person(request: FirstbellRequest) -> Person:
    """Return the person who was chosen, or whose badge or name was entered; raises Refused when it isn't one."""
    chosen = whole(request.POST.get("person"))
    if chosen:
        person = Person.objects.visible_to(request.actor).filter(pk=chosen).first()
        if person is None:
            raise Missing("Person")
        return person
    return person_called(request.POST.get("who", ""), request.actor)


def person_called(text: str, by: Actor) -> Person:
    """Return the one person with this badge or name; raises Refused for none or several."""
    text = text.strip()
    badge = list(Person.objects.visible_to(by).filter(local_number=text, active=True)[:2]) if text else []
    found = badge or find_people(text, by=by, limit=2)
    if not found:
        raise Refused("nobody_called", _("Nobody in your reach has the badge or name “{text}”."), text=text)
    if len(found) > 1:
        raise Refused("which_person", _("More than one person is called “{text}”. Choose one."), text=text)
    return found[0]


@require_POST
def swap(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Take the broken device in and hand the scanned one out."""

    def doing(view: DeviceView) -> str:
        loaner = _scanned(request, "loaner")
        person = view.beside.person
        ticket = swap_at_desk(
            device_id=view.device.pk,
            loaner_id=loaner.pk,
            symptom=view.beside.symptom or "other",
            person_id=person.pk if person else None,
            **act_of(request),
        )
        who = name_of(ticket.person, request.actor)
        return (
            _("{who} has {loaner} now. {tag} waits for the courier.").format(
                who=who, loaner=loaner.tag, tag=view.device.tag
            )
            if ticket.symptom != "flat"
            else _("{who} has {loaner} for now.").format(who=who, loaner=loaner.tag)
        )

    return do(request, tag, doing)


@require_POST
def intake(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Take the device in without giving another, and say why."""
    why = request.POST.get("why", "")

    def doing(view: DeviceView) -> str:
        person = view.beside.person
        take_in(
            device_id=view.device.pk,
            symptom=view.beside.symptom or "other",
            person_id=person.pk if person else None,
            no_loaner=why if why in WHY_NO_LOANER else "not_asked",
            **act_of(request),
        )
        return _("{tag} is taken in. Its repair is open.").format(tag=view.device.tag)

    return do(request, tag, doing)


def _grade(request: FirstbellRequest) -> Condition.Grade:
    chosen = request.POST.get("grade", "")
    return Condition.Grade(chosen) if chosen in Condition.Grade.values else Condition.Grade.GOOD


@require_POST
def return_to_owner(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Hand the repaired device back; the loaner comes in with it, or a reason is kept."""
    keeps = "keeps" in request.POST

    def doing(view: DeviceView) -> str:
        loaner = None if keeps or not request.POST.get("loaner") else _scanned(request, "loaner")
        person = view.beside.person
        hand_back(
            device_id=view.device.pk,
            loaner_id=loaner.pk if loaner else None,
            loaner_grade=_grade(request),
            to_person_id=person.pk if person else None,
            reason=request.POST.get("reason", ""),
            name_asked="name_asked" in request.POST,
            badge=code_in(request.POST.get("badge", ""))[:64],
            **act_of(request),
        )
        return _("{tag} is back with {who}. Repair, loan and ticket are closed.").format(
            tag=view.device.tag, who=name_of(person or view.owner, request.actor)
        )

    return do(request, tag, doing)


@require_POST
def shelve(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Put a repaired device that belongs to nobody among the loaners."""

    def doing(view: DeviceView) -> str:
        put_in_pool(device_id=view.device.pk, **act_of(request))
        return _("{tag} is a loaner now, on the loaner shelf.").format(tag=view.device.tag)

    return do(request, tag, doing)


@require_POST
def loan(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Lend a loaner to a person."""
    chosen = request.POST.get("reason", "")
    reason = Loan.Reason(chosen) if chosen in Loan.Reason.values else Loan.Reason.OTHER

    def doing(view: DeviceView) -> str:
        person = _person(request)
        lend(device_id=view.device.pk, person_id=person.pk, reason=reason, **act_of(request))
        return _("{who} has {tag} now.").format(who=name_of(person, request.actor), tag=view.device.tag)

    return do(request, tag, doing)


@require_POST
def loan_return(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Take a loaner back, in the condition that was tapped."""

    def doing(view: DeviceView) -> str:
        grade = _grade(request)
        return_loaner(device_id=view.device.pk, grade=grade, **act_of(request))
        if grade in {Condition.Grade.DAMAGED, Condition.Grade.DEAD}:
            return _("{tag} is back, and set aside for a look.").format(tag=view.device.tag)
        return _("{tag} is back on the loaner shelf.").format(tag=view.device.tag)

    return do(request, tag, doing)


@require_POST
def handover(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Give the device to a person: for good, or into their hands if it is theirs already."""

    def doing(view: DeviceView) -> str:
        if "owner" in request.POST and view.owner:
            hand_over(device_id=view.device.pk, person_id=view.owner.pk, **act_of(request))
            return _("{who} has {tag} now.").format(who=view.owner_name, tag=view.device.tag)
        person = _person(request)
        reason = request.POST.get("second", "")
        issue(device_id=view.device.pk, person_id=person.pk, reason=reason, **act_of(request))
        return _("{tag} belongs to {who} now.").format(tag=view.device.tag, who=name_of(person, request.actor))

    return do(request, tag, doing)


@require_POST
def release(request: FirstbellRequest, tag: str) -> HttpResponse:
    """End whose a device is."""

    def doing(view: DeviceView) -> str:
        unassign(device_id=view.device.pk, reason="desk", **act_of(request))
        return _("{tag} belongs to nobody now.").format(tag=view.device.tag)

    return do(request, tag, doing)


@require_POST
def put(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Put the device in another place."""
    place = Place.objects.filter(code=request.POST.get("place", "").upper(), closed_at__isnull=True).first()

    def doing(view: DeviceView) -> str:
        if place is None:
            raise Refused("no_place", _("Choose the place you put it in."))
        relocate(device_id=view.device.pk, place_id=place.pk, **act_of(request))
        return _("{tag} is in {place} now.").format(tag=view.device.tag, place=place.name)

    return do(request, tag, doing)


@require_POST
def aside(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Set the device aside until somebody has looked at it."""

    def doing(view: DeviceView) -> str:
        set_aside(device_id=view.device.pk, **act_of(request))
        return _("{tag} is set aside.").format(tag=view.device.tag)

    return do(request, tag, doing)


@require_POST
def clear(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Say that a device that was set aside is fit."""

    def doing(view: DeviceView) -> str:
        clear_for_use(device_id=view.device.pk, **act_of(request))
        return _("{tag} is ready again.").format(tag=view.device.tag)

    return do(request, tag, doing)


@require_POST
def pool(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Make the device a loaner of its school, or take it out of the pool."""
    leaves = "leave" in request.POST

    def doing(view: DeviceView) -> str:
        if leaves:
            leave_pool(device_id=view.device.pk, **act_of(request))
            return _("{tag} is no loaner any more.").format(tag=view.device.tag)
        join_pool(device_id=view.device.pk, site_id=view.device.home_site_id, **act_of(request))
        return _("{tag} is a loaner now.").format(tag=view.device.tag)

    return do(request, tag, doing)
