"""The door for what a phone has kept: strictly read, applied scan by scan, answered scan by scan."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from firstbell.flows.scans import Answer, Scan, apply_scans
from firstbell.kernel.errors import Missing, Refused
from firstbell.web.desk.finding import code_in
from firstbell.web.errors import STATUS_REFUSED, STATUS_STALE
from firstbell.web.middleware import FirstbellRequest

MOST = 200
"""Scans in one batch: a phone that was away for a week sends several."""
CODES = ("device", "loaner", "place", "shipment")

Word = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]+$")]
Choice = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]*$")]
Number = Annotated[int, Field(ge=1, lt=2**63)]
Code = Annotated[str, StringConstraints(max_length=200)]


class SentScan(BaseModel):
    """One scan as a phone sends it. What is not named here is refused, so that no misspelt field is lost silently."""

    model_config = ConfigDict(extra="forbid", strict=True)

    op: UUID
    seq: Annotated[int, Field(ge=1, lt=2**53)]
    happened_at: AwareDatetime
    verb: Word
    device: Code = ""
    loaner: Code = ""
    place: Code = ""
    shipment: Code = ""
    symptom: Word = "other"
    grade: Word = "good"
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
    damage: Choice = ""
    charger: Choice = ""
    group: Number | None = None
    person_id: Number | None = None
    count: Code = ""

    def as_scan(self) -> Scan:
        """Return the scan with the codes that stand in a label's address."""
        said: dict[str, Any] = self.model_dump()
        return Scan(**said | {name: code_in(said[name]) for name in CODES})


class Batch(BaseModel):
    """What a phone sends at once: ``sent_at`` is its clock now, by which a wrong one is set right."""

    model_config = ConfigDict(extra="forbid", strict=True)

    install: UUID
    sent_at: AwareDatetime
    scans: Annotated[list[SentScan], Field(min_length=1, max_length=MOST)]


@require_POST
def batches(request: FirstbellRequest) -> HttpResponse:
    """Apply a batch and say of each scan what became of it: applied, held, or kept as a conflict."""
    try:
        batch = Batch.model_validate_json(request.body)
    except ValidationError as error:
        return _not_understood(error)
    try:
        answers = apply_scans(
            install_id=batch.install,
            batch=[scan.as_scan() for scan in batch.scans],
            by=request.actor,
            at=request.at,
            sent_at=batch.sent_at,
        )
    except Refused as refusal:
        return JsonResponse({"error": refusal.code, "sentence": refusal.sentence}, status=STATUS_STALE)
    except Missing:
        return JsonResponse({"error": "missing", "sentence": _("This phone is not known.")}, status=STATUS_STALE)
    return JsonResponse({"answers": [_said(answer) for answer in answers]})


def _said(answer: Answer) -> dict[str, object]:
    return {
        "op": str(answer.op),
        "seq": answer.seq,
        "state": answer.state,
        "code": answer.code,
        "sentence": answer.sentence,
    }


def _not_understood(error: ValidationError) -> JsonResponse:
    """Name the scan and the field, never what stood in it."""
    faults = [
        {"scan": _place_of(fault["loc"]), "field": ".".join(map(str, fault["loc"][-1:])), "message": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    sentence = _("These scans could not be read. They are kept on the phone.")
    return JsonResponse(
        {"error": "not_understood", "sentence": sentence, "errors": faults[:MOST]}, status=STATUS_REFUSED
    )


def _place_of(where: tuple[int | str, ...]) -> int | None:
    inside = len(where) > 1 and where[0] == "scans" and isinstance(where[1], int)
    return int(where[1]) if inside else None
