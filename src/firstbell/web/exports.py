"""Exports: what a page lists, as a file. Short lists come at once, long ones are written in the background."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.directory.models import User
from firstbell.directory.queries import actor_for
from firstbell.kernel.errors import Missing
from firstbell.transfers import actions, files
from firstbell.transfers.models import Download
from firstbell.web.asking import new_operation, one, operation
from firstbell.web.doors import DOORS, door
from firstbell.web.lists import LISTINGS, Asked, Listing, Sheet, asked_by
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.sheets import Form, chunks

MANY = 5_000
"""Rows above which a list is written in the background."""
STEP = 2_000
View = Callable[..., HttpResponseBase]


def export_door(route: str, declared: Listing) -> URLPattern:
    """Declare the export of a page's list: open to whom the page is open."""
    page = DOORS[declared.page]
    return door(route, exporting(declared), name=f"{declared.key}_export", needs=page.needs)


def exporting(declared: Listing) -> View:
    """Return the view that answers with the list as a file."""

    def export(request: FirstbellRequest, **about: object) -> HttpResponseBase:
        asked = asked_by(request, **about)
        form = _form(request.GET.get("as"))
        sheet = declared.make(asked).seen_by(asked.by)
        if request.method == "POST":
            return _order(request, declared, asked, form)
        if sheet.more_than(MANY):
            return render(request, "exports/large.html", {"listing": declared, "many": MANY, "op": new_operation()})
        return _answer(declared, asked, sheet, form)

    return export


def _form(text: str | None) -> Form:
    return Form(text) if text in set(Form) else Form.CSV


def _order(request: FirstbellRequest, declared: Listing, asked: Asked, form: Form) -> HttpResponse:
    said = {"query": asked.query.urlencode(), "about": dict(asked.about)}
    act: dict[str, Any] = {"by": request.actor, "at": request.at, "op": operation(request)}
    actions.order_export(listing=declared.key, form=form.value, asked=said, **act)
    return redirect("downloads")


def _answer(declared: Listing, asked: Asked, sheet: Sheet[Any], form: Form) -> StreamingHttpResponse:
    rows = chunks(form, str(declared.title), sheet.head, sheet.rows())
    response = StreamingHttpResponse(_in_language(rows), content_type=form.kind)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(declared.key, asked.about, form)}"'
    return response


def _file_name(key: str, about: Mapping[str, str], form: Form) -> str:
    words = re.sub(r"[^A-Za-z0-9-]+", "-", "-".join([key, *about.values()]))
    return f"{words[:80]}.{form.ending}"


def _in_language(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Write in the language of the page, although the request is over by then."""
    language = translation.get_language() or "en"

    def each() -> Iterator[bytes]:
        while True:
            with translation.override(language):  # never across a yield: the thread serves others meanwhile
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    return each()


def write(download: Download, *, at: Any) -> None:
    """Write an export that was ordered: with what the one who ordered it may see now, and in their language."""
    declared = LISTINGS.get(download.listing)
    user = User.objects.get(pk=download.user_id)
    by = actor_for(user, at=at)
    if declared is None or not DOORS[declared.page].open_to(by):
        actions.end_download(download, file="")
        return
    with translation.override(download.language):
        asked = Asked(by, at, QueryDict(download.asked["query"]), download.asked["about"])
        _write(download, declared, declared.make(asked).seen_by(by))


def _write(download: Download, declared: Listing, sheet: Sheet[Any]) -> None:
    name = files.new_name()
    with files.writing(name) as file:
        for piece in chunks(Form(download.form), str(declared.title), sheet.head, _counted(download, sheet)):
            file.write(piece)
    actions.end_download(download, file=name)


def _counted(download: Download, sheet: Sheet[Any]) -> Iterator[list[object]]:
    number = 0
    for row in sheet.rows():
        number += 1
        if number % STEP == 0:
            actions.note_progress(download, number, 0)
        yield row
    actions.note_progress(download, number, number)


def downloads(request: FirstbellRequest) -> HttpResponse:
    """Show the exports that the reader has ordered."""
    rows = Download.objects.visible_to(request.actor).filter(expires_at__gt=request.at).order_by("-created_at")
    found = [(row, LISTINGS[row.listing].title) for row in rows if row.listing in LISTINGS]
    working = any(row.state == Download.State.ORDERED for row, _title in found)
    name = "exports/parts/downloads.html" if request.headers.get("HX-Request") else "exports/downloads.html"
    return render(request, name, {"rows": found, "working": working, "label": _("Exports")})


def fetch(request: FirstbellRequest, download_id: int) -> HttpResponseBase:
    """Send a file to the one who ordered it, as long as they may still see such a list."""
    rows = Download.objects.visible_to(request.actor).filter(expires_at__gt=request.at)
    row = one(rows, pk=download_id)
    declared = LISTINGS.get(row.listing)
    path = files.path_of(row.file)
    if declared is None or not row.file or not path.exists() or not DOORS[declared.page].open_to(request.actor):
        raise Missing("Download")
    form = Form(row.form)
    name = _file_name(row.listing, row.asked["about"], form)
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=form.kind)


@require_POST
def remove(request: FirstbellRequest, download_id: int) -> HttpResponse:
    """Remove an export."""
    act: dict[str, Any] = {"by": request.actor, "at": request.at, "op": operation(request)}
    actions.drop_export(download_id=download_id, **act)
    return redirect("downloads")
