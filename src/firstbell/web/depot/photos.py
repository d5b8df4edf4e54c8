"""Photos of a repair: kept after they were made anew, shown to who may see the repair, removed again."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firstbell.connectors.photos import MOST_BYTES, Made, NotAPicture, make_anew
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.repairs import files
from firstbell.repairs.actions import Picture, keep_photo, remove_photo
from firstbell.repairs.models import Photo, WorkOrder
from firstbell.web.asking import act_of
from firstbell.web.depot.bench import order_of
from firstbell.web.depot.order_view import show_order
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt


@require_POST
def add(request: FirstbellRequest, code: str) -> HttpResponse:
    """Keep a photo from before or after the repair."""
    order = order_of(request, code)
    refusal = attempt(lambda: _keep(request, order))
    if refusal:
        return show_order(request, order, refusal)
    messages.success(request, _("The photo is kept."))
    return redirect("bench_order", order.code)


def _keep(request: FirstbellRequest, order: WorkOrder) -> None:
    act, when = act_of(request), request.POST.get("when", "")
    if when not in Photo.When.values:
        raise Refused("photo_when", _("Say whether it is from before or after the repair."))
    made = _made(request.FILES.get("photo"))
    name = files.keep(made.content, act["op"])
    try:
        picture = Picture(name, made.width, made.height)
        keep_photo(work_order_id=order.pk, when=Photo.When(when), picture=picture, **act)
    finally:
        if not Photo.objects.filter(file=name).exists():
            files.drop(name)


def _made(sent: "UploadedFile[bytes] | None") -> Made:
    if sent is None:
        raise Refused("no_photo", _("Choose a photo first."))
    if (sent.size or 0) > MOST_BYTES:
        raise _refusal("too_big")
    try:
        return make_anew(sent.read())
    except NotAPicture as trouble:
        raise _refusal(trouble.code) from trouble


def _refusal(code: str) -> Refused:
    words = {
        "too_big": _("This file is too large. A photo has at most {most} megabytes."),
        "too_many_dots": _("This picture has too many dots. Take it with a smaller setting."),
    }
    unreadable = _("This file is not a photo that can be read. Use JPEG, PNG or WebP.")
    return Refused(f"photo_{code}", words.get(code, unreadable), most=MOST_BYTES // 2**20)


@require_safe
def photo(request: FirstbellRequest, photo_id: int) -> FileResponse:
    """Send a picture to who may see its repair."""
    row = _in_reach(request, photo_id)
    path = files.path_of(row.file)
    if not path.exists():
        raise Missing("Photo")
    answer = FileResponse(path.open("rb"), content_type="image/webp")
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _in_reach(request: FirstbellRequest, photo_id: int) -> Photo:
    orders = WorkOrder.objects.visible_to(request.actor, Permission.REPAIR)
    row = Photo.objects.filter(pk=photo_id, work_order__in=orders.values("pk")).select_related("work_order").first()
    if row is None:
        raise Missing("Photo")
    return row


@require_POST
def remove(request: FirstbellRequest, photo_id: int) -> HttpResponse:
    """Remove a photo and its file."""
    row = _in_reach(request, photo_id)
    remove_photo(photo_id=row.pk, **act_of(request))
    messages.success(request, _("The photo is gone."))
    return redirect("bench_order", row.work_order.code)
