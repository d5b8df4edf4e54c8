"""The verbs of files in transit. Whoever orders work gets it done by a worker: the events here have reactions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code
from firstbell.transfers import events, files
from firstbell.transfers.models import Download, Upload

KEPT = timedelta(hours=24)
"""How long a file waits. What is fetched or imported later is made or sent again."""
S = Upload.State
AT_WORK = frozenset({S.CHECKING, S.APPLYING})
MOST_DOWNLOADS = 10
"""Exports that one person may have waiting: each is a file on the disk."""


@verb
def keep_list(
    *, name: str, size: int, digest: str, file: str, options: Mapping[str, Any], by: Actor, at: datetime, op: Op
) -> Upload:
    """Keep a list that was handed in; ``file`` lies in the folder already."""
    by.require(Permission.IMPORT)
    upload = Upload.objects.create(
        user_id=by.user_id or 0,
        name=name[-120:],
        size=size,
        digest=digest,
        file=file,
        options=dict(options),
        language=get_language() or "en",
        created_at=at,
        expires_at=at + KEPT,
    )
    record(events.ListKept(upload.pk), about=[upload], by=by, at=at, op=op)
    return upload


@verb
def order_check(*, upload_id: int, options: Mapping[str, Any], by: Actor, at: datetime, op: Op) -> Upload:
    """Have a list looked through as these options say: nothing is changed by it."""
    by.require(Permission.IMPORT)
    upload = _idle(upload_id, by)
    upload.options = dict(options)
    _begin(upload, S.CHECKING)
    record(events.CheckOrdered(upload.pk), about=[upload], by=by, at=at, op=op)
    return upload


@verb
def order_import(*, upload_id: int, by: Actor, at: datetime, op: Op) -> Upload:
    """Have a list imported exactly as it was looked through."""
    by.require(Permission.IMPORT)
    upload = _idle(upload_id, by)
    if upload.state != S.CHECKED:
        raise Refused("not_checked", _("Have the list looked through first: nothing is imported unseen."))
    _begin(upload, S.APPLYING)
    record(events.ImportOrdered(upload.pk), about=[upload], by=by, at=at, op=op)
    return upload


def _idle(upload_id: int, by: Actor) -> Upload:
    upload = load(Upload, upload_id, by=by)
    if upload.state in AT_WORK:
        raise Stale("at_work", _("This list is being worked on. Wait until that has ended."))
    if not upload.file or upload.state == S.APPLIED:
        raise Refused("file_gone", _("The file is no longer kept. Hand it in again."))
    return upload


def _begin(upload: Upload, state: Upload.State) -> None:
    upload.state, upload.done, upload.said, upload.counts = state, 0, "", {}
    upload.language = get_language() or "en"
    upload.save(update_fields=["state", "done", "said", "counts", "options", "language"])


@verb
def throw_away(*, upload_id: int, by: Actor, at: datetime, op: Op) -> None:
    """Remove a list and its file before its time."""
    upload = load(Upload, upload_id, by=by)
    if upload.state in AT_WORK:
        raise Stale("at_work", _("This list is being worked on. Wait until that has ended."))
    record(events.ListThrownAway(upload.pk), about=[upload], by=by, at=at, op=op)
    files.drop(upload.file)
    upload.delete()


@verb
def order_export(*, listing: str, form: str, asked: Mapping[str, Any], by: Actor, at: datetime, op: Op) -> Download:
    """Have a list written into a file in the background; the door was asked by the page."""
    waiting = Download.objects.visible_to(by).filter(expires_at__gt=at).count()
    if waiting >= MOST_DOWNLOADS:
        raise Refused("too_many", _("{n} exports of yours are waiting. Fetch them first."), n=waiting)
    download = Download.objects.create(
        user_id=by.user_id or 0,
        listing=listing,
        form=form,
        asked=dict(asked),
        language=get_language() or "en",
        created_at=at,
        expires_at=at + KEPT,
    )
    record(events.ExportOrdered(download.pk, Code(listing)), about=[download], by=by, at=at, op=op)
    return download


@verb
def drop_export(*, download_id: int, by: Actor, at: datetime, op: Op) -> None:
    """Remove an export and its file before its time."""
    download = load(Download, download_id, by=by)
    record(events.ExportRemoved(download.pk, Code(download.listing)), about=[download], by=by, at=at, op=op)
    files.drop(download.file)
    download.delete()


# --- Called by the worker: how far the work is. No events: the order is one, and what it did to devices is others ----


def note_progress(row: Upload | Download, done: int, rows: int) -> None:
    """Note how far the work is; seen at once by the page that watches."""
    row.done, row.rows = done, rows
    row.save(update_fields=["done", "rows"])


def end_upload(upload: Upload, state: Upload.State, *, counts: Mapping[str, int], said: str = "") -> None:
    """Note what came of a list. Once it is imported its file goes; what became of its rows stays to be read."""
    upload.state, upload.counts, upload.said = state, dict(counts), said
    upload.save(update_fields=["state", "counts", "said"])
    if state == S.APPLIED:
        files.path_of(upload.file).unlink(missing_ok=True)


def end_download(download: Download, *, file: str) -> None:
    """Note that an export is ready to be fetched, or ("") that it could not be written."""
    download.file = file
    download.state = Download.State.READY if file else Download.State.FAILED
    download.save(update_fields=["file", "state"])


def forget_expired(*, at: datetime) -> int:
    """Remove what has expired, with its files, and files that no row knows; return how many rows."""
    gone = 0
    for model in (Upload, Download):
        rows = model.objects.everyone(reason="housekeeping").filter(expires_at__lte=at)
        for row in rows:
            files.drop(row.file)
            row.delete()
            gone += 1
    known = {
        name
        for model in (Upload, Download)
        for name in model.objects.everyone(reason="housekeeping").values_list("file", flat=True)
    }
    for path in list(files.strays(known, (at - KEPT).timestamp())):
        path.unlink(missing_ok=True)
    return gone
