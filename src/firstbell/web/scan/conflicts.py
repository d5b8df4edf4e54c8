"""Scans that did not fit, and scans that wait for missing ones: each a row for a person to settle."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from firstbell.devices.models import ScanConflict
from firstbell.directory.models import Place
from firstbell.flows.scans import conflicts, gaps, go_on_without, settle_conflict
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.web.asking import act_of, new_operation
from firstbell.web.desk.words import device_address
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

LONGEST = (Column("delivered_at", datetime.fromisoformat), Column("pk", int))
MOST = 100

DONE = {
    "relocate": gettext_lazy("put in {place}"),
    "seen": gettext_lazy("seen in {place}"),
    "swap": gettext_lazy("swapped for {loaner}"),
    "hand_back": gettext_lazy("handed back"),
    "hand_over": gettext_lazy("handed over"),
    "receive": gettext_lazy("scanned in {shipment}"),
    "load": gettext_lazy("loaded from {place}"),
    "collect": gettext_lazy("collected"),
    "count": gettext_lazy("counted in {place}"),
    "hand_out": gettext_lazy("handed out"),
    "skip": gettext_lazy("A student was skipped"),
    "undo_hand_out": gettext_lazy("A turn was taken back"),
}
"""What a person did with the device, by verb."""

WHY = {
    "out_of_order": gettext_lazy("Something that happened later is on record already."),
    "unknown_code": gettext_lazy("No device in your reach has this code."),
    "unknown_place": gettext_lazy("No place has this code."),
    "unknown_shipment": gettext_lazy("No shipment in your reach has this code."),
    "not_travelling": gettext_lazy("The device is on no shipment."),
    "not_in_box": gettext_lazy("The device was not in this box according to the record."),
    "not_here": gettext_lazy("The device was somewhere else according to the record."),
    "received_already": gettext_lazy("It was scanned in already."),
    "sequence_reused": gettext_lazy("The phone used this number before."),
    "too_old": gettext_lazy("It is more than a month old."),
    "unknown_verb": gettext_lazy("This server does not know yet what the phone did."),
    "unknown_count": gettext_lazy("No count in your reach has this code."),
    "count_certified": gettext_lazy("The count was certified already."),
    "not_collecting": gettext_lazy("The school does not collect devices at the moment."),
    "collected_already": gettext_lazy("It was collected already."),
    "not_handing_out": gettext_lazy("The list of this homeroom was closed."),
    "list_done": gettext_lazy("Everybody on the list had a device or was skipped."),
    "not_theirs": gettext_lazy("The device belongs to somebody else."),
    "has_one": gettext_lazy("The student has a device of their own already."),
    "nothing_to_undo": gettext_lazy("There was nothing to take back."),
    "denied": gettext_lazy("The person who scanned may not do this."),
    "missing": gettext_lazy("It is not on record within the reach of the person who scanned."),
    "not_understood": gettext_lazy("The scan could not be read."),
}
"""Why a scan did not fit, by the code of the refusal; others are told when somebody does it now."""


@dataclass(frozen=True)
class Line:
    """One scan that did not fit, in words."""

    row: ScanConflict
    tag: str
    url: str
    did: str
    why: str
    op: str
    other_op: str


def _line(row: ScanConflict, names: dict[str, str]) -> Line:
    said = dict(row.content)
    said["place"] = names.get(str(said.get("place", "")).upper(), said.get("place", ""))
    facts = {name: said.get(name, "") for name in ("place", "loaner", "shipment")}
    return Line(
        row=row,
        tag=row.device.tag if row.device else str(said.get("device", "")),
        url=device_address(row.device) if row.device else "",
        did=str(DONE.get(said.get("verb", ""), said.get("verb", ""))).format(**facts),
        why=str(WHY.get(row.code, _("It did not fit what is on record."))),
        op=str(new_operation()),
        other_op=str(new_operation()),
    )


def _said(rows: list[ScanConflict]) -> list[Line]:
    codes = {str(row.content.get("place", "")).upper() for row in rows} - {""}
    names = dict(Place.objects.filter(code__in=codes).values_list("code", "name"))
    return [_line(row, names) for row in rows]


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, Lines(conflicts(by=asked.by), LONGEST, _said))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.tag),
    Field(gettext_lazy("What was done"), lambda line: line.did),
    Field(gettext_lazy("Why it did not fit"), lambda line: line.why),
    Field(gettext_lazy("School"), lambda line: line.row.site.name if line.row.site else ""),
    Field(gettext_lazy("When"), lambda line: line.row.happened_at, Sort.MOMENT),
    Field(gettext_lazy("Arrived"), lambda line: line.row.delivered_at, Sort.MOMENT),
)
LISTING = listing("scan_conflicts", gettext_lazy("Scans that did not fit"), "scan_conflicts", _sheet)


def conflict_list(request: FirstbellRequest) -> HttpResponse:
    """Show what nobody has settled yet, longest waiting first, and phones whose scans wait for missing ones."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    rows = list(conflicts(by=request.actor)[: MOST + 1])
    context = {
        "lines": _said(rows[:MOST]),
        "more": len(rows) > MOST,
        "gaps": [(phone, str(new_operation())) for phone in gaps(by=request.actor)[:MOST]],
        "refusal": told(refusal),
    }
    return render(request, "scan/conflicts.html", context, status=status_of(refusal))


@require_POST
def settlement(request: FirstbellRequest, conflict_id: int) -> HttpResponse:
    """Do now what the scan said, or note that it is no longer true."""
    act, do_it = act_of(request), request.POST.get("how") == "do"
    refusal = attempt(lambda: _settle(conflict_id, do_it, act))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("Done now, as of today.") if do_it else _("Noted: no longer true."))
    return redirect("scan_conflicts")


def _settle(conflict_id: int, do_it: bool, act: dict[str, object]) -> None:  # noqa: FBT001 -- said by the button
    """Settle a conflict; what it is about may be out of reach even where the conflict itself is not."""
    try:
        settle_conflict(conflict_id=conflict_id, do_it=do_it, **act)  # type: ignore[arg-type]  # who, when, which operation
    except (Denied, Missing) as error:
        if not do_it or not ScanConflict.objects.visible_to(act["by"]).filter(pk=conflict_id).exists():  # type: ignore[arg-type]  # the actor
            raise
        raise Refused("not_in_reach", _("You can't do this yourself: it is not within your reach.")) from error


@require_POST
def gap_end(request: FirstbellRequest, install: UUID) -> HttpResponse:
    """Go on without the scans that a phone will never send."""
    act = act_of(request)
    done: list[int] = []
    refusal = attempt(lambda: done.append(len(go_on_without(install_id=install, **act))))
    if refusal:
        return _show(request, refusal)
    said = ngettext("%(n)d scan went on.", "%(n)d scans went on.", done[0]) % {"n": done[0]}
    messages.success(request, said)
    return redirect("scan_conflicts")
