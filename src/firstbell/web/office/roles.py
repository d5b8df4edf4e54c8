"""Who does what where: roles held, hours, absences, and what each role permits."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from firstbell.directory.actions import Hours, end_role, grant_role, make_user, note_absence, set_hours, set_password
from firstbell.directory.events import RoleRefused
from firstbell.directory.models import Presence, RoleHeld, Site
from firstbell.directory.queries import roles_held, sites_of, user_named, users_called
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import BARRED, PERMISSIONS, Permission, Role
from firstbell.kernel.sealed import Sealed
from firstbell.ledger.figures import tally
from firstbell.web.apart import note_refusal
from firstbell.web.asking import clock_of, day_of, new_operation, operation, whole
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing, table
from firstbell.web.middleware import FirstbellRequest

ROLE_WORDS = {
    Role.STUDENT_TECH: gettext_lazy("Student helper"),
    Role.IT_LEAD: gettext_lazy("IT lead"),
    Role.COACH: gettext_lazy("Coach"),
    Role.SCHOOL_ADMIN: gettext_lazy("School administrator"),
    Role.DISTRICT_TECH: gettext_lazy("District technician"),
    Role.DISTRICT_IT: gettext_lazy("District IT leadership"),
    Role.AUDITOR: gettext_lazy("Auditor"),
}
PERMISSION_WORDS = {
    Permission.WORK_TEAM_TASKS: gettext_lazy("work on student team tasks"),
    Permission.SUPERVISE_TEAM: gettext_lazy("supervise the student team"),
    Permission.SEE_TICKETS: gettext_lazy("see tickets"),
    Permission.WORK_TICKETS: gettext_lazy("work on tickets"),
    Permission.SEE_DEVICES: gettext_lazy("see devices"),
    Permission.MOVE_DEVICES: gettext_lazy("move and assign devices"),
    Permission.REGISTER_DEVICES: gettext_lazy("register and retire devices"),
    Permission.SEE_PEOPLE: gettext_lazy("see people's names"),
    Permission.LEND: gettext_lazy("swap and lend"),
    Permission.SHIP: gettext_lazy("send and receive for the school"),
    Permission.TRANSPORT: gettext_lazy("drive for the district"),
    Permission.REPAIR: gettext_lazy("repair"),
    Permission.DECIDE_CHARGES: gettext_lazy("decide charges"),
    Permission.DECIDE_WAIVERS: gettext_lazy("decide waivers"),
    Permission.DECIDE_REFERRALS: gettext_lazy("take up referrals"),
    Permission.SET_FEES: gettext_lazy("set the fee policy"),
    Permission.SEE_PLAN: gettext_lazy("read the plan"),
    Permission.DECIDE: gettext_lazy("decide"),
    Permission.SEE_MEASURES: gettext_lazy("see measures"),
    Permission.SEE_ROLES: gettext_lazy("see who holds which role"),
    Permission.GRANT_ROLES: gettext_lazy("give roles"),
    Permission.IMPORT: gettext_lazy("import"),
    Permission.SEE_LEDGER: gettext_lazy("read the ledger"),
}

YEAR = timedelta(days=365)
SUGGESTED = 10
WEEKDAYS = range(5)


def page(request: FirstbellRequest) -> HttpResponse:
    """Show who holds which role, by school, and the form to give one."""
    return _render(request)


def _render(request: FirstbellRequest, error: str = "", status: int = 200) -> HttpResponse:
    held = roles_held(by=request.actor, at=request.at)
    for row in held:
        row.words = ROLE_WORDS[Role(row.role)]  # type: ignore[attr-defined]  # for the page
    context = {
        "held": held,
        "exceptions": [row for row in held if row.exception_reason],
        "kept_apart": _kept_apart(request),
        "may_grant": request.actor.may(Permission.GRANT_ROLES),
        "may_make_logins": request.actor.sites(Permission.GRANT_ROLES) is None,
        "roles": ROLE_WORDS.items(),
        "sites": sites_of(request.actor, Permission.SEE_ROLES).exclude(kind=Site.Kind.VENDOR),
        "error": error,
        "sent": request.POST,
        "op": new_operation(),
        "op_user": new_operation(),
        "op_password": new_operation(),
    }
    return render(request, "office/roles.html", context, status=status)


@require_POST
def grant(request: FirstbellRequest) -> HttpResponse:
    """Give a role; a refusal (roles kept apart, shares of a week, no supervisor) is shown beside the form."""
    try:
        grant_role(
            user_id=_typed(request, "user") or 0,
            role=Role(request.POST.get("role", "")),
            site_id=whole(request.POST.get("site")),
            share=whole(request.POST.get("share")) or 100,
            deputy=request.POST.get("deputy") == "on",
            supervisor_id=_typed(request, "supervisor"),
            exception_reason=request.POST.get("exception_reason", ""),
            by=request.actor,
            at=request.at,
            op=operation(request),
        )
    except ValueError:
        return _render(request, _("Choose a role."), 422)
    except Refused as refusal:
        _note(request, refusal)
        return _render(request, refusal.sentence, 422)
    return redirect("roles")


def _typed(request: FirstbellRequest, field: str) -> int | None:
    """Return the login that a field names, None for an empty one; raises Refused when it names nobody or several."""
    text = request.POST.get(field, "").strip()
    found = user_named(text)
    if text and found is None:
        raise Refused("nobody_called", _("No single login is called “{name}”. Choose one from the list."), name=text)
    return found.pk if found else None


def people(request: FirstbellRequest) -> HttpResponse:
    """Suggest logins while somebody types a name."""
    text = (request.GET.get("user") or request.GET.get("supervisor") or "").strip()
    found = users_called(text, limit=SUGGESTED, active=True) if text else []
    return render(request, "office/people.html", {"people": found})


def _note(request: FirstbellRequest, refusal: Refused) -> None:
    if refusal.code == "roles_apart":
        note_refusal(
            _typed(request, "user") or 0,
            Role(request.POST["role"]),
            whole(request.POST.get("site")),
            reason=refusal.code,
            sent=request.POST,
            by=request.actor,
            at=request.at,
        )


def _kept_apart(request: FirstbellRequest) -> list[tuple[str, int]]:
    """Return what was refused in the last year to keep roles apart, with how often; for the whole district."""
    if request.actor.sites(Permission.SEE_ROLES) is not None:
        return []
    counted = tally([RoleRefused.kind], ["reason"], request.at - YEAR, request.at)
    words = {code.value: str(said) for code, said in PERMISSION_WORDS.items()} | {
        "roles_apart": _("both roles at once")
    }
    return sorted((words.get(str(reason), str(reason)), number) for (_kind, reason), number in counted.items())


@require_POST
def ending(request: FirstbellRequest, held_id: int) -> HttpResponse:
    """End a role today."""
    end_role(role_held_id=held_id, by=request.actor, at=request.at, op=operation(request))
    return redirect("roles")


@require_safe
def hours_form(request: FirstbellRequest, held_id: int) -> HttpResponse:
    """Show when somebody is at the school and when they teach, to be set anew."""
    held = next((row for row in roles_held(by=request.actor, at=request.at) if row.pk == held_id), None)
    if held is None:
        raise Missing("RoleHeld")
    context = {"held": held, "words": ROLE_WORDS[Role(held.role)], "days": _week(held), "op": new_operation()}
    return render(request, "office/hours.html", context)


def _week(held: RoleHeld) -> list[tuple[int, Presence | None]]:
    """Return a row for each span of the week, and an empty one for each day without."""
    found: list[tuple[int, Presence | None]] = []
    for day in WEEKDAYS:
        spans = [span for span in held.presences.all() if span.weekday == day]
        found += [(day, span) for span in spans] or [(day, None)]
    return found


@require_POST
def hours(request: FirstbellRequest, held_id: int) -> HttpResponse:
    """Set when somebody is at the school and when they teach."""
    rows = zip(
        request.POST.getlist("weekday"),
        request.POST.getlist("starts"),
        request.POST.getlist("ends"),
        request.POST.getlist("present"),
        strict=False,
    )
    found = [row for row in (_span(*row) for row in rows) if row]
    set_hours(role_held_id=held_id, hours=found, by=request.actor, at=request.at, op=operation(request))
    return redirect("roles")


def _span(weekday: str, starts: str, ends: str, present: str) -> Hours | None:
    start, end = clock_of(starts), clock_of(ends)
    number = whole(weekday)
    if start is None or end is None or number is None:
        return None
    return Hours(number, start, end, present=present == "present")


@require_POST
def absence(request: FirstbellRequest) -> HttpResponse:
    """Note that somebody is away; their deputy answers meanwhile."""
    first, last = day_of(request.POST.get("first_day")), day_of(request.POST.get("last_day"))
    if first is None or last is None:
        return _render(request, _("Give the first and the last day."), 422)
    try:
        user_id = _typed(request, "user") or request.actor.user_id or 0
        note_absence(
            user_id=user_id, first_day=first, last_day=last, by=request.actor, at=request.at, op=operation(request)
        )
    except Refused as refusal:
        return _render(request, refusal.sentence, 422)
    return redirect("roles")


@require_POST
@sensitive_post_parameters()
def password(request: FirstbellRequest) -> HttpResponse:
    """Set a new password for somebody who has lost theirs; they change it after signing in."""
    try:
        user_id = _typed(request, "user") or 0
        found = set_password(
            user_id=user_id,
            password=Sealed(request.POST.get("password", "")),
            by=request.actor,
            at=request.at,
            op=operation(request),
        )
    except Refused as refusal:
        return _render(request, refusal.sentence, 422)
    messages.success(request, _("{name} has a new password.").format(name=found))
    return redirect("roles")


@require_POST
@sensitive_post_parameters()
def user(request: FirstbellRequest) -> HttpResponse:
    """Make a login."""
    try:
        make_user(
            username=request.POST.get("username", ""),
            display_name=request.POST.get("display_name", ""),
            password=Sealed(request.POST.get("password", "")),
            person_id=None,
            by=request.actor,
            at=request.at,
            op=operation(request),
        )
    except Refused as refusal:
        return _render(request, refusal.sentence, 422)
    return redirect("roles")


def matrix(request: FirstbellRequest) -> HttpResponse:
    """Show what each role permits: the table that pages, API and exports ask."""
    return render(request, "office/matrix.html", {"roles": list(ROLE_WORDS.values()), "rows": _matrix()})


def _matrix() -> list[tuple[object, list[str]]]:
    return [(words, [_cell(role, permission) for role in ROLE_WORDS]) for permission, words in PERMISSION_WORDS.items()]


def _cell(role: Role, permission: Permission) -> str:
    if permission in BARRED.get(role, frozenset()):
        return "never"
    return "yes" if permission in PERMISSIONS[role] else ""


def _matrix_sheet(_asked: Asked) -> Sheet[Any]:
    head = [_("Permission"), *(str(words) for words in ROLE_WORDS.values())]
    return table(head, [[str(words), *cells] for words, cells in _matrix()])


def _sheet(asked: Asked) -> Sheet[RoleHeld]:
    return Sheet(FIELDS, roles_held(by=asked.by, at=asked.at))


FIELDS: tuple[Field[RoleHeld], ...] = (
    Field(gettext_lazy("Site"), lambda row: row.site.name if row.site else _("whole district")),
    Field(gettext_lazy("Role"), lambda row: str(ROLE_WORDS[Role(row.role)])),
    Field(gettext_lazy("Deputy"), lambda row: _("yes") if row.deputy else ""),
    Field(gettext_lazy("Person"), lambda row: str(row.user)),
    Field(gettext_lazy("Supervisor"), lambda row: str(row.supervisor or "")),
    Field(gettext_lazy("Share of the week"), lambda row: row.share, Sort.NUMBER),
    Field(gettext_lazy("Since"), lambda row: row.since, Sort.DAY),
    Field(gettext_lazy("Reason for an exception"), lambda row: row.exception_reason),
)
LISTING = listing("roles", gettext_lazy("Roles"), "roles", _sheet)
MATRIX = listing("role_matrix", gettext_lazy("What each role permits"), "role_matrix", _matrix_sheet)
