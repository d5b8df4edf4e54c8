"""Lists of devices that somebody handed in: looked through, or imported, by the same engine as the command."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.utils import translation
from django.utils.translation import gettext as _

from firstbell.connectors.inventory import DayOrder, DeviceFile, read_devices
from firstbell.directory.models import User
from firstbell.directory.queries import actor_for
from firstbell.flows.inventory_import import Options, RowResult, Standing, import_devices, said
from firstbell.kernel.errors import Denied, Refused
from firstbell.transfers import files
from firstbell.transfers.actions import end_upload, note_progress
from firstbell.transfers.models import Upload

logger = logging.getLogger(__name__)
STEP = 500
S = Upload.State


def take(upload_id: int, *, at: datetime) -> None:
    """Do what was ordered for a list. What was broken off is done again: each row is an operation of its own."""
    rows = Upload.objects.everyone(reason="a worker does what its owner ordered")
    upload = rows.filter(pk=upload_id, state__in=[S.CHECKING, S.APPLYING]).first()
    if upload is None:
        return
    with translation.override(upload.language):
        try:
            _take(upload, at)
        except Refused as refusal:
            end_upload(upload, S.FAILED, counts={}, said=refusal.sentence)
        except Denied:
            end_upload(upload, S.FAILED, counts={}, said=_("You may no longer import lists."))
        except FileNotFoundError:
            end_upload(upload, S.FAILED, counts={}, said=_("The file is no longer kept. Hand it in again."))


def _take(upload: Upload, at: datetime) -> None:
    file = read(upload)
    if file.refused:
        end_upload(upload, S.FAILED, counts={}, said=" ".join(said(found) for found in file.problems))
        return
    dry = upload.state == S.CHECKING
    by = actor_for(User.objects.get(pk=upload.user_id), at=at)
    taken = options_of(upload)
    results = import_devices(file, digest=upload.digest, options=taken, dry_run=dry, by=by, at=at)
    counts: Counter[str] = Counter()
    with files.writing(upload.file + files.REPORT) as report:
        for result in _counted(upload, file, results):
            counts[result.what.value] += 1
            _write(report, result, file)
    note_progress(upload, file.rows, file.rows)
    end_upload(upload, S.CHECKED if dry else S.APPLIED, counts=counts)


def _counted(upload: Upload, file: DeviceFile, results: Iterator[RowResult]) -> Iterator[RowResult]:
    for number, result in enumerate(results):
        if number % STEP == 0:
            note_progress(upload, number, file.rows)
        yield result


def read(upload: Upload) -> DeviceFile:
    """Read a list as its owner said."""
    order = DayOrder(upload.options["day_order"]) if upload.options.get("day_order") else None
    path = files.path_of(upload.file)
    return read_devices(path, name=upload.name, columns=upload.options.get("columns") or None, day_order=order)


def options_of(upload: Upload) -> Options:
    """Return how a list is to be taken."""
    said_ = upload.options.get("statuses", {})
    statuses = {word: Standing(meaning) for word, meaning in said_.items()}
    return Options(site=upload.options.get("site", ""), statuses=statuses, columns=upload.options.get("columns", {}))


def _write(report: BinaryIO, result: RowResult, file: DeviceFile) -> None:
    """Write one line for each thing to say about a row; a row about which there is nothing to say has one, too."""
    for note in result.notes or (None,):
        column = _header(note.column, file) if note else ""
        cells = (column, note.code, note.sentence) if note else ("", "", "")
        line = json.dumps([result.row, result.tag, result.what.value, *cells])
        report.write(line.encode() + b"\n")


def _header(field: str, file: DeviceFile) -> str:
    place = file.columns.get(field, 0)
    return file.headers[place - 1] if place else ""
