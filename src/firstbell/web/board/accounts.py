"""A person's account, their statement on paper in their language, and the books for the finance system."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from firstbell.directory.models import Person
from firstbell.fees.actions.policy import protect
from firstbell.fees.models import Account, Charge, Entry
from firstbell.fees.queries import account_of, appeal_until, fees_asked, journal, plan_of, protections_of
from firstbell.fees.rules import instalments
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, day_of, new_operation, one
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import cause_said, rule_said
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told
from firstbell.web.street.bill import token_of
from firstbell.web.street.status import qr

MONTH = timedelta(days=31)


@dataclass
class Line:
    """One entry with what is owed after it."""

    entry: Entry
    owed: Money


@dataclass
class Bill:
    """One charge as a family reads it."""

    charge: Charge
    cause: str
    rule: str
    lines: list[Entry] = field(default_factory=list)
    appeal_until: date | None = None
    parts: list[tuple[date, Money]] = field(default_factory=list)
    link: str = ""
    drawing: str = ""


def _person(request: FirstbellRequest, pk: int) -> Person:
    rows = Person.objects.visible_to(request.actor, Permission.DECIDE_CHARGES)
    return one(rows.select_related("site"), pk=pk)


@require_safe
def account(request: FirstbellRequest, pk: int) -> HttpResponse:
    """Show a person's account: every entry, and what is owed after it."""
    return _show(request, _person(request, pk))


def _show(request: FirstbellRequest, person: Person, refusal: Refused | None = None) -> HttpResponse:
    lines = _running(list(account_of(person.pk, by=request.actor)))
    context = {
        "person": person,
        "lines": lines,
        "owed": lines[-1].owed if lines else Money(0),
        "protections": protections_of(person.pk),
        "today": request.at.date(),
        "languages": settings.LANGUAGES,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "board/account.html", context, status=status_of(refusal))


def _running(entries: list[Entry]) -> list[Line]:
    lines, owed = [], Money(0)
    for entry in entries:
        if entry.debit == Account.OWED:
            owed += entry.amount
        if entry.credit == Account.OWED:
            owed -= entry.amount
        lines.append(Line(entry, owed))
    return lines


@require_POST
def protection(request: FirstbellRequest, pk: int) -> HttpResponse:
    """Note a person's protection plan."""
    person = _person(request, pk)
    first, last = day_of(request.POST.get("since", "")), day_of(request.POST.get("until", ""))

    def doing() -> None:
        if first is None or last is None:
            raise Refused("no_day", _("Say from which day until which day."))
        protect(person_id=person.pk, since=first, until=last + timedelta(days=1), **act_of(request))

    refusal = attempt(doing)
    if refusal:
        return _show(request, person, refusal)
    messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse("account", args=[person.pk]))


@require_safe
def statement(request: FirstbellRequest, pk: int) -> HttpResponse:
    """Show a statement to be printed, in the language of the family or the one asked for."""
    person = _person(request, pk)
    wanted = request.GET.get("lang") or person.language[:2]
    spoken = wanted if wanted in dict(settings.LANGUAGES) else "en"
    with translation.override(spoken):
        bills = _bills(request, person)
        context = {
            "person": person,
            "bills": bills,
            "owed": sum((bill.charge.owed for bill in bills), Money(0)),
            "back": sum((bill.charge.back for bill in bills), Money(0)),
            "asked": fees_asked(),
            "today": request.at.date(),
            "languages": settings.LANGUAGES,
            "spoken": spoken,
        }
        return render(request, "board/statement.html", context)


def _bills(request: FirstbellRequest, person: Person) -> list[Bill]:
    """Return the charges of a person that ask for something, with their entries, in few queries."""
    found: dict[int, Bill] = {}
    for entry in account_of(person.pk, by=request.actor):
        charge = entry.charge
        if charge.pk not in found:
            found[charge.pk] = Bill(charge, cause_said(charge.cause), rule_said(charge))
        found[charge.pk].lines.append(entry)
    for bill in found.values():
        if bill.charge.owed_cents:
            bill.appeal_until = appeal_until(bill.charge)
            plan = plan_of(bill.charge)
            bill.parts = instalments(plan) if plan else []
            bill.link = request.build_absolute_uri(reverse("status", args=[token_of(bill.charge.pk)]))
            bill.drawing = qr(bill.link)
    return list(found.values())


def _sheet(asked: Asked) -> Sheet[Entry]:
    """The books of some days, for the district's finance system: one line an entry, debit and credit."""
    last = day_of(asked.query.get("to", "")) or asked.at.date()
    first = day_of(asked.query.get("from", "")) or last - MONTH
    return Sheet(FIELDS, Lines(journal(by=asked.by, first=first, last=last), AS_POSTED, list))


AS_POSTED = (Column("posted_at", datetime.fromisoformat), Column("pk", int))
FIELDS: tuple[Field[Entry], ...] = (
    Field("entry", lambda row: row.pk, Sort.NUMBER),
    Field("posted_at", lambda row: row.posted_at, Sort.MOMENT),
    Field("kind", lambda row: row.kind),
    Field("debit", lambda row: row.debit),
    Field("credit", lambda row: row.credit),
    Field("amount", lambda row: Decimal(row.amount_cents).scaleb(-2), Sort.NUMBER),
    Field("charge", lambda row: row.charge_id, Sort.NUMBER),
    Field("person", lambda row: row.person.local_number, Sort.PERSON),
    Field("school", lambda row: row.site.name),
    Field("device", lambda row: row.charge.device.tag),
    Field("reference", lambda row: row.reference),
)
LISTING = listing("fees", gettext_lazy("Books"), "fees", _sheet)
