"""One address takes any code and leads to what it is. Nothing found is an answer too, with ways to go on."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from firstbell.devices.models import Device
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs.queries import on_bench_of
from firstbell.web.desk.finding import Hit, code_in, find, near
from firstbell.web.desk.words import address, device_address
from firstbell.web.middleware import FirstbellRequest

TOGETHER = frozenset({"person", "place"})
"""What may be brought to the device one is on; its page is told under this name."""
KEPT = ("symptom", "person")
"""What was chosen for the device before, and still holds."""


def scan(request: FirstbellRequest) -> HttpResponse:
    """Lead to what a code means; together with the device one is on (``with``), offer what the two allow."""
    text = request.GET.get("code", "").strip()[:200]
    if not text:
        return redirect("home")
    hits = find(text, by=request.actor)
    if len(hits) == 1:
        return _lead_to(hits[0], request)
    context: dict[str, object] = {"text": text, "code": code_in(text), "hits": hits}
    if not hits:
        context |= {"near": near(text, by=request.actor)} | _ways_on(request.actor, code_in(text))
    return render(request, "desk/scan.html", context, status=200 if hits else 404)


def _lead_to(hit: Hit, request: FirstbellRequest) -> HttpResponse:
    beside = _beside(request)
    if beside is None and hit.kind == "device" and request.actor.may(Permission.TRANSPORT):
        order = on_bench_of(hit.pk, by=request.actor)
        return HttpResponseRedirect(address("bench_order", order.code) if order else hit.url)
    if beside is None or (hit.kind, hit.pk) == ("device", beside.pk):
        return HttpResponseRedirect(hit.url)
    if hit.kind in TOGETHER:
        what = hit.pk if hit.kind == "person" else code_in(request.GET["code"]).upper()
        return HttpResponseRedirect(_together(request, beside, {hit.kind: what}))
    if hit.kind == "device":
        return HttpResponseRedirect(_two_devices(request, hit, beside))
    return HttpResponseRedirect(hit.url)


def _beside(request: FirstbellRequest) -> Device | None:
    tag = request.GET.get("with", "")
    if not tag:
        return None
    rows = Device.objects.visible_to(request.actor).select_related("pool")
    return rows.filter(tag=tag).first()


def _together(request: FirstbellRequest, beside: Device, brought: dict[str, object]) -> str:
    """Return the page of the device one is on, with what was brought to it and what was chosen there before."""
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    return f"{device_address(beside)}?{urlencode(kept | brought)}"


def _two_devices(request: FirstbellRequest, hit: Hit, beside: Device) -> str:
    """Device and loaner, in either order, make a swap or a hand-back: the page of the one that is no loaner."""
    pool = getattr(beside, "pool", None)
    beside_is_loaner = pool is not None and pool.until is None
    if hit.loaner and not beside_is_loaner:
        return _together(request, beside, {"loaner": hit.label})
    if beside_is_loaner and not hit.loaner:
        return f"{hit.url}?{urlencode({'loaner': beside.tag})}"
    return hit.url


def _ways_on(by: Actor, code: str) -> dict[str, object]:
    """Return what else somebody may do with a code that is nothing yet."""
    register = address("register_device") if by.may(Permission.REGISTER_DEVICES) else ""
    return {
        "can_find_people": by.may(Permission.SEE_PEOPLE),
        "can_see_devices": by.may(Permission.SEE_DEVICES),
        "register": f"{register}?{urlencode({'tag': code})}" if register else "",
    }
