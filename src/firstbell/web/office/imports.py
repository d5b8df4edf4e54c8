"""Device lists of other programs: hand one in, say what its columns mean, look at what would happen, import it."""

import json
from collections.abc import Iterator
from hashlib import file_digest
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.connectors.days import DayOrder
from firstbell.connectors.inventory import ALIASES, Glance, glance
from firstbell.directory.queries import sites_of
from firstbell.flows.inventory_import import Standing, What, said
from firstbell.flows.lists import import_list
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.transfers import files
from firstbell.transfers.actions import AT_WORK, keep_list, order_check, throw_away
from firstbell.transfers.models import Upload
from firstbell.web.asking import new_operation, one, operation
from firstbell.web.lists import Asked, Field, LongList, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

LARGEST = 32 * 1024 * 1024
SHOWN = 100
S = Upload.State
Told = list[Any]
"""One line of a report: row, tag, what, column, code, sentence."""


def imports(request: FirstbellRequest) -> HttpResponse:
    """Show the form for a list, and the lists that wait."""
    return _imports(request)


def _imports(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    rows = Upload.objects.visible_to(request.actor).filter(expires_at__gt=request.at).order_by("-created_at")
    context = {
        "rows": rows,
        "refusal": told(refusal),
        "megabytes": LARGEST // 1024 // 1024,
        "op": new_operation(),
    }
    return render(request, "office/imports.html", context, status=status_of(refusal))


@require_POST
def hand_in(request: FirstbellRequest) -> HttpResponse:
    """Keep a list that was handed in, if it can be read at all."""
    kept: list[Upload] = []
    refusal = attempt(lambda: kept.append(_keep(request)))
    return _imports(request, refusal) if refusal else redirect("import", kept[0].pk)


def _keep(request: FirstbellRequest) -> Upload:
    file, op = request.FILES.get("list"), operation(request)
    if file is None or not file.size:
        raise Refused("no_file", _("Choose a file that holds something."))
    if file.size > LARGEST:
        raise Refused("file_too_large", _("The file is larger than {mb} MB. Split it."), mb=LARGEST // 1024 // 1024)
    name = files.new_name()
    try:
        seen, digest = _store(file, name)
        options = {"columns": _suggested(seen)}
        kept = keep_list(
            name=file.name or "", size=file.size, digest=digest, file=name, options=options,
            by=request.actor, at=request.at, op=op,
        )  # fmt: skip
    except BaseException:
        files.drop(name)
        raise
    if kept.file != name:
        files.drop(name)
    return kept


def _store(file: "UploadedFile[Any]", name: str) -> tuple[Glance, str]:
    with files.writing(name) as target:
        for piece in file.chunks():
            target.write(piece)
    path = files.path_of(name)
    seen = glance(path)
    if seen.problems:
        raise Refused(seen.problems[0].code, " ".join(said(found) for found in seen.problems))
    with path.open("rb") as opened:
        return seen, file_digest(opened, "sha256").hexdigest()


def _suggested(seen: Glance) -> dict[str, str]:
    return {field: seen.headers[place - 1] for field, place in seen.columns.items()}


def _upload(request: FirstbellRequest, upload_id: int) -> Upload:
    rows = Upload.objects.visible_to(request.actor).filter(expires_at__gt=request.at)
    return one(rows, pk=upload_id)


def page(request: FirstbellRequest, upload_id: int) -> HttpResponse:
    """Show a list: what its columns mean, and what came of it."""
    return _show(request, _upload(request, upload_id))


def _show(request: FirstbellRequest, upload: Upload, refusal: Refused | None = None) -> HttpResponse:
    working = upload.state in AT_WORK
    context: dict[str, Any] = {
        "upload": upload,
        "working": working,
        "refusal": told(refusal),
        "brake": refusal is not None and refusal.code == "list_brake",
        "counts": [(label, upload.counts.get(what, 0)) for what, label in _what_words().items()],
        "nothing": upload.counts.keys() == {What.REFUSED.value},
        "told": [] if working else _first(upload),
        "op": new_operation(),
        "op_apply": new_operation(),
        "op_removal": new_operation(),
    }
    if request.headers.get("HX-Request") and working:
        return render(request, "office/parts/import.html", context)
    if request.headers.get("HX-Request"):
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    if upload.state != S.APPLIED and not working:
        context |= _form(request, upload)
    return render(request, "office/import.html", context, status=status_of(refusal))


def _form(request: FirstbellRequest, upload: Upload) -> dict[str, Any]:
    path = files.path_of(upload.file)
    if not path.exists():
        raise Missing("Upload")
    seen = glance(path)
    chosen = {header: field for field, header in upload.options.get("columns", {}).items()}
    return {
        "product": seen.product,
        "columns": [_column(number, header, seen, chosen) for number, header in enumerate(seen.headers)],
        "fields": sorted(_field_words().items(), key=lambda pair: pair[1]),
        "sites": sites_of(request.actor, Permission.IMPORT),
        "options": upload.options,
        "statuses": "\n".join(f"{word} = {means}" for word, means in upload.options.get("statuses", {}).items()),
        "meanings": ", ".join(Standing),
    }


def _column(number: int, header: str, seen: Glance, chosen: dict[str, str]) -> dict[str, Any]:
    samples = [row[number][:40] for row in seen.samples if number < len(row) and row[number].strip()]
    return {"number": number, "header": header, "samples": samples, "field": chosen.get(header, "")}


@require_POST
def check(request: FirstbellRequest, upload_id: int) -> HttpResponse:
    """Have the list looked through, with the columns as they are chosen."""
    upload = _upload(request, upload_id)
    refusal = attempt(lambda: _check(request, upload))
    return _show(request, upload, refusal) if refusal else redirect("import", upload.pk)


def _check(request: FirstbellRequest, upload: Upload) -> None:
    sent = request.POST
    options = {
        "columns": _columns(request),
        "site": sent.get("site", "")[:40],
        "day_order": sent.get("day_order", "") if sent.get("day_order") in set(DayOrder) else "",
        "statuses": _statuses(sent.get("statuses", "")[:4000]),
    }
    order_check(upload_id=upload.pk, options=options, by=request.actor, at=request.at, op=operation(request))


def _columns(request: FirstbellRequest) -> dict[str, str]:
    found: dict[str, str] = {}
    for header, field in zip(request.POST.getlist("header"), request.POST.getlist("field"), strict=False):
        if field not in ALIASES:
            continue
        if field in found:
            sentence = _("Two columns are said to be “{field}”. Choose one of them.")
            raise Refused("field_twice", sentence, field=_field_words()[field])
        found[field] = header
    if not {"tag", "serial"} & found.keys():
        raise Refused("no_identity", _("Say which column holds the asset tag or the serial number."))
    return found


def _statuses(text: str) -> dict[str, str]:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _sign, means = (part.strip().casefold() for part in line.partition("="))
        if not word or means not in set(Standing):
            raise Refused("status_meaning", _("“{line}” is not of the form: word = in stock"), line=line[:80])
        found[word] = means
    return found


@require_POST
def apply(request: FirstbellRequest, upload_id: int) -> HttpResponse:
    """Import the list as it was looked through."""
    upload = _upload(request, upload_id)
    confirmed, act = request.POST.get("confirmed") == "on", _act(request)
    refusal = attempt(lambda: import_list(upload_id=upload.pk, confirmed=confirmed, **act))
    return _show(request, upload, refusal) if refusal else redirect("import", upload.pk)


@require_POST
def remove(request: FirstbellRequest, upload_id: int) -> HttpResponse:
    """Throw a list away."""
    upload = _upload(request, upload_id)
    refusal = attempt(lambda: throw_away(upload_id=upload.pk, **_act(request)))
    return _show(request, upload, refusal) if refusal else redirect("imports")


def _act(request: FirstbellRequest) -> dict[str, Any]:
    return {"by": request.actor, "at": request.at, "op": operation(request)}


# --- What became of each row ------------------------------------------------------------------------------------------


class Report(LongList[Told]):
    """The rows of a list with what became of each, as the worker wrote them down."""

    def __init__(self, upload: Upload) -> None:
        self._path = files.path_of(upload.file + files.REPORT)

    def __iter__(self) -> Iterator[Told]:
        """Yield them."""
        if self._path.exists():
            with self._path.open("rb") as lines:
                yield from map(json.loads, lines)

    def more_than(self, number: int) -> bool:
        """Say whether there are more; looks no further than needed."""
        return any(place >= number for place, _line in enumerate(self))


def _first(upload: Upload) -> list[Told]:
    """Return the first rows about which there is something to say, those left out before the others."""
    left_out: list[Told] = []
    mended: list[Told] = []
    for line in Report(upload):
        rows = left_out if line[2] == What.REFUSED else mended
        if line[5] and len(rows) < SHOWN:
            rows.append(line)
    words = _what_words()
    return [[*line, words[What(line[2])]] for line in (left_out + mended)[:SHOWN]]


def _sheet(asked: Asked) -> Sheet[Told]:
    rows = Upload.objects.visible_to(asked.by).filter(expires_at__gt=asked.at)
    upload = one(rows, pk=int(asked.about["upload_id"]))
    return Sheet(FIELDS, Report(upload))


FIELDS: tuple[Field[Told], ...] = (
    Field(gettext_lazy("Row"), lambda line: line[0], Sort.NUMBER),
    Field(gettext_lazy("Asset tag"), lambda line: line[1]),
    Field(gettext_lazy("What becomes of it"), lambda line: _what_words()[What(line[2])]),
    Field(gettext_lazy("Column"), lambda line: line[3]),
    Field(gettext_lazy("Why"), lambda line: line[5]),
)
LISTING = listing("import", gettext_lazy("Import"), "import", _sheet)


def _what_words() -> dict[What, str]:
    return {
        What.ADDED: _("new"),
        What.CHANGED: _("corrected"),
        What.UNCHANGED: _("as it is"),
        What.REFUSED: _("left out"),
    }


def _field_words() -> dict[str, str]:
    return {
        "tag": _("Asset tag"), "serial": _("Serial number"), "manufacturer": _("Manufacturer"), "model": _("Model"),
        "model_number": _("Model number"), "site": _("School"), "place": _("Place"),
        "owner_number": _("Owner, by student or staff number"), "owner_email": _("Owner, by e-mail address"),
        "owner_username": _("Owner, by user name"), "owner": _("Owner, by number, e-mail or user name"),
        "status": _("Status"), "purchased_on": _("Purchase date"), "purchase_price_cents": _("Purchase price"),
        "funding_source": _("Funding source"), "po_number": _("Order number"), "warranty_until": _("Warranty until"),
        "warranty_months": _("Warranty in months"), "condition": _("Condition"), "imei": _("IMEI"),
        "iccid": _("SIM number"), "mdn": _("Mobile number"), "eid": _("EID"), "carrier": _("Carrier"),
        "notes": _("Notes (never kept)"),
    }  # fmt: skip
