"""The certificate of a count: as a page, as a PDF for the file, and every line as CSV with the federal fields."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from firstbell.connectors.papers import marks, typeset
from firstbell.counts.models import Count, CountLine
from firstbell.counts.queries import differences_of, sources, tally, with_state
from firstbell.devices.models import Award, Condition, Custody, Device
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing
from firstbell.web.asking import new_operation
from firstbell.web.desk.counting import count_of
from firstbell.web.desk.differences import Line, line_of
from firstbell.web.lists import Asked, Lines, Sheet, listing, table
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.papers import paper

BY_TAG = (Column("device__tag", str), Column("stranger", str), Column("pk", int))
MOST = 500
"""Differences and devices of awards that are shown; the download has every line."""


def _certified(by: Actor, code: str) -> Count:
    count = count_of(by, code)
    if count.status != Count.Status.CERTIFIED:
        raise Missing("Certificate")
    return count


def certificate(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show the certificate as a page to print: figures, how things were seen, and what became of each difference."""
    count = _certified(request.actor, code)
    found = tally(count)
    context = {
        "count": count,
        "tally": found,
        "share": _share(found.share),
        "sources": [(source.label, number) for source, number in sources(count)],
        "lines": _differences(count),
        "awards": _awards(count),
        "op": new_operation(),
    }
    return render(request, "desk/count_certificate.html", context)


def _share(share: float | None) -> str:
    return f"{100 * share:.1f} %" if share is not None else "–"


def _differences(count: Count) -> list[Line]:
    return [line_of(row) for row in differences_of(count).order_by("how", "device__tag")[:MOST]]


def _awards(count: Count) -> QuerySet[Award]:
    """Return what is known of federal money in the devices that were counted."""
    known = Award.objects.filter(device__in=count.lines.filter(expected=True).values("device_id"))
    return known.select_related("device__model").order_by("fain", "device__tag")[:MOST]


# --- As a paper ----------------------------------------------------------------------------------------------------


def certificate_pdf(request: FirstbellRequest, code: str) -> HttpResponse:
    """Print the certificate, with two lines to sign."""
    count = _certified(request.actor, code)
    address = request.build_absolute_uri(reverse("count_certificate", args=[count.code]))
    return paper(typeset.pdf("certificate", certificate_values(count, address)), f"certificate-{count.code}")


def certificate_values(count: Count, address: str) -> dict[str, Any]:
    """Return what the template of a certificate reads."""
    where = count.site.name if count.site else _("the whole district")
    found = _("{n} of {all} expected devices were found where expected.")
    return {
        "title": _("Certificate of inventory {code}").format(code=count.code),
        "head": _("Certificate of inventory"),
        "about": [count.name, where],
        "code": count.code,
        "qr": marks.square(address),
        "figure": _share(tally(count).share),
        "found": found.format(n=count.in_place, all=count.expected),
        "facts": [{"label": label, "value": str(value)} for label, value in _facts(count)],
        "differences": _difference_table(_differences(count)),
        "federal": _federal_table(list(_awards(count))),
        "signs": [_("Counted for the school, date"), _("Checked for the district, date")],
    }


def _facts(count: Count) -> Iterator[tuple[str, object]]:
    if count.rehearsal:
        yield _("Rehearsal"), _("practice: this paper proves nothing")
    yield _("What was counted"), count.get_scope_display()
    if count.population:
        drawn = _("{n} drawn from {all} (certainty {sure}, share wrong at most {wrong}, seed {seed})")
        told = {"sure": count.confidence, "wrong": count.max_rate, "seed": count.seed}
        yield _("Sample"), drawn.format(n=count.expected, all=count.population, **told)
    if count.seal:
        yield _("Seal or lock"), count.seal
    yield _("List frozen"), _moment(count.opened_at, count.opened_by)
    yield _("Certified"), _moment(count.certified_at, count.certified_by)
    yield _("Missing"), count.missing
    yield _("Misplaced"), tally(count).misplaced
    yield _("Unexpected"), count.unexpected
    yield _("Handed to somebody"), count.escalated
    yield from ((str(source.label).capitalize(), number) for source, number in sources(count))


def _moment(moment: Any, who: object) -> str:
    said = date_format(localtime(moment), "DATETIME_FORMAT")
    return f"{said} · {who}" if who else said


def _difference_table(lines: list[Line]) -> dict[str, Any]:
    return {
        "title": _("What became of each difference"),
        "heads": [_("Device"), _("Model"), _("Difference"), _("Resolved")],
        "rows": [
            [_code(row), str(row.line.device.model if row.line.device else ""), row.words, _resolved(row.line)]
            for row in lines
        ],
    }


def _code(row: Line) -> str:
    return row.line.device.tag if row.line.device else row.line.stranger


def _resolved(line: CountLine) -> str:
    said = [str(line.get_how_display()), str(line.escalated_to or ""), line.ticket.code if line.ticket else ""]
    return " · ".join(part for part in [*said, line.reason] if part)


def _federal_table(awards: list[Award]) -> dict[str, Any]:
    return {
        "title": ngettext(
            "{n} device paid for by a federal award", "{n} devices paid for by federal awards", len(awards)
        ).format(n=len(awards)),
        "heads": [_("Device"), _("Award (FAIN)"), _("Title holder"), _("Federal share"), _("Disposition")],
        "rows": [
            [row.device.tag, row.fain, row.title_holder, f"{row.percent} %" if row.percent else "", disposal(row)]
            for row in awards
        ],
    }


def disposal(award: Award) -> str:
    """Return what became of a device, when, and for how much."""
    day = date_format(award.disposed_on, "SHORT_DATE_FORMAT") if award.disposed_on else ""
    price = "" if award.disposed_cents is None else f"${award.disposed_cents / 100:.2f}"
    return " · ".join(part for part in (award.disposition, day, price) if part)


# --- Every line ----------------------------------------------------------------------------------------------------


HEAD = (
    "description", "serial", "asset_tag", "funding_source", "fain", "title_holder", "acquisition_date", "cost_usd",
    "federal_share", "location", "use", "condition", "disposition", "disposition_date", "disposition_price_usd",
    "count_result", "seen_at", "seen_in", "seen_by_source", "resolution", "ticket",
)  # fmt: skip
"""Columns of the federal inventory (2 CFR 200.313(d)), then the result of the count. What is not held is empty."""


def _sheet(asked: Asked) -> Sheet[Any]:
    """Every line of a certified count with the fields of the federal inventory."""
    rows = _dressed(_certified(asked.by, asked.about["code"]))
    return table(HEAD, Lines(rows, BY_TAG, lambda found: [(*_federal(line), *_result(line)) for line in found]))


CERTIFICATE = listing("count_certificate", gettext_lazy("Certificate"), "count_certificate", _sheet)


def _dressed(count: Count) -> QuerySet[CountLine]:
    custody = Custody.objects.filter(device_id=OuterRef("device_id"), until__isnull=True)
    grade = Condition.objects.filter(device_id=OuterRef("device_id")).order_by("-noted_at")
    return with_state(count.lines.select_related("device__award")).annotate(
        now_site=Subquery(custody.values("site__name")[:1]),
        now_place=Subquery(custody.values("place__name")[:1]),
        now_kind=Subquery(custody.values("kind")[:1]),
        grade=Subquery(grade.values("grade")[:1]),
    )


def _federal(line: CountLine) -> tuple[object, ...]:
    device: Device | None = line.device
    if device is None:
        return ("", line.stranger, *[""] * 13)
    award = getattr(device, "award", None) or Award()
    where = [getattr(line, "now_site", "") or "", getattr(line, "now_place", "") or getattr(line, "now_kind", "") or ""]
    grade = getattr(line, "grade", "") or ""
    return (
        str(device.model), device.serial, device.tag, device.funding_source, award.fain, award.title_holder,
        device.purchased_on or "", _dollars(device.price_cents),
        award.percent,
        ": ".join(part for part in where if part), Device.Status(device.status).label, grade,
        award.disposition, award.disposed_on or "", _dollars(award.disposed_cents),
    )  # fmt: skip


def _dollars(cents: int | None) -> Decimal | str:
    return "" if cents is None else Decimal(cents).scaleb(-2)


def _result(line: CountLine) -> tuple[object, ...]:
    ticket = line.ticket.code if line.ticket else ""
    return getattr(line, "state", ""), line.seen_at, str(line.seen_place or ""), line.source, line.how, ticket
