"""The devices in reach as one list: by school, status, model, place and owner. Every view of it is an address."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.devices.models import Assignment, Custody, Device, DeviceModel, MobileLine
from firstbell.devices.queries import owner, where, with_hands
from firstbell.directory.models import Person, Place, Site
from firstbell.directory.queries import sites_of
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.web.asking import whole
from firstbell.web.desk.words import Whereabouts, device_address, owner_of, where_is
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Among, Column

BY_TAG = (Column("tag", str), Column("pk", int))
PAGE = 50
S = Device.Status
VIEWS: dict[str, Q] = {
    "": ~Q(status=S.RETIRED),
    "in_service": Q(status=S.IN_SERVICE),
    "in_stock": Q(status=S.IN_STOCK),
    "in_repair": Q(status=S.IN_REPAIR),
    "set_aside": Q(status=S.QUARANTINED),
    "gone": Q(status__in=[S.LOST, S.STOLEN]),
    "retired": Q(status=S.RETIRED),
}
OWNERS = ("student", "staff", "class", "nobody", "pool")


@dataclass(frozen=True)
class Line:
    """One device: what it is, whose, and where."""

    device: Device
    url: str
    status: str
    owner: str
    where: Whereabouts
    place: str
    line: MobileLine | None


def devices(request: FirstbellRequest) -> HttpResponse:
    """Show the devices in reach."""
    query = request.GET
    page, found = _lines(asked_by(request)).page(query.get("after", ""), PAGE)
    sites = list(_sites(request.actor))
    context: dict[str, Any] = {
        "lines": found,
        "tabs": _tabs(query),
        "tabs_label": _("Views of the devices"),
        "may_import": request.actor.may(Permission.IMPORT),
        "sites": sites,
        "models": DeviceModel.objects.order_by("manufacturer", "name"),
        "owners": _owner_words().items(),
        "site": whole(query.get("site")),
        "model": whole(query.get("model")),
        "asked": query,
        "filtered": any(query.get(name) for name in ("site", "model", "place", "owner")),
        "later": page.next_address(query),
        "earlier": page.first_address(query),
    }
    return render(request, "desk/devices.html", context)


def _sites(by: Actor) -> QuerySet[Site]:
    return sites_of(by, Permission.SEE_DEVICES).exclude(kind=Site.Kind.VENDOR).order_by("name")


def _lines(asked: Asked) -> Lines[Device, Line]:
    return Lines(_chosen(asked), BY_TAG, partial(_said, asked.by), _dressed)


def _chosen(asked: Asked) -> QuerySet[Device]:
    """Return the devices that an address asks for."""
    query = asked.query
    rows = _near(asked.by, whole(query.get("site")))
    rows = rows.filter(VIEWS.get(query.get("view", ""), VIEWS[""]))
    model, place = whole(query.get("model")), query.get("place", "").strip()[:80]
    if model:
        rows = rows.filter(model_id=model)
    if place:
        named = Place.objects.filter(Q(name__iexact=place) | Q(code__iexact=place))
        here = Custody.objects.filter(place__in=named, until__isnull=True)
        rows = rows.filter(pk__in=here.values("device_id"))
    return _owned(rows, query.get("owner", ""))


def _near(by: Actor, site: int | None) -> ScopedQuerySet[Device]:
    """Return the devices in reach that belong to a site or are there.

    The few of one school are chosen first, by an index, and only then put in order: in the order of all tags of a big
    district they may lie far apart.
    """
    rows = Device.objects.visible_to(by)
    if site is None and by.sites(Permission.SEE_DEVICES) is None:
        return rows
    few = rows.filter(Device.within(frozenset([site]))) if site is not None else rows
    return Device.objects.everyone(reason="these were chosen in reach").filter(Among(few.order_by()))


def _owned(rows: QuerySet[Device], kind: str) -> QuerySet[Device]:
    """Keep the devices with this kind of owner."""
    held = Assignment.objects.filter(device=OuterRef("pk"), until__isnull=True)
    if kind in {"student", "staff"}:
        return rows.filter(Exists(held.filter(person__kind=Person.Kind(kind))))
    if kind == "class":
        return rows.filter(Exists(held.filter(class_group__isnull=False)))
    if kind == "nobody":
        return rows.filter(~Exists(held), is_loaner=False)
    return rows.filter(is_loaner=True) if kind == "pool" else rows


def _dressed(chosen: Any) -> QuerySet[Device]:
    """Fetch along what is shown, of the page's devices only."""
    lines = Prefetch("lines", queryset=MobileLine.objects.filter(until__isnull=True), to_attr="open_lines")
    return with_hands(Device.objects.everyone(reason="these were chosen in reach").filter(chosen)).prefetch_related(
        lines
    )


def _said(by: Actor, rows: list[Device]) -> list[Line]:
    return [_line(row, by) for row in rows]


def _line(device: Device, by: Actor) -> Line:
    custody, lines = where(device), getattr(device, "open_lines", [])
    return Line(
        device=device,
        url=device_address(device),
        status=str(_("loaner") if device.is_loaner and device.status == S.IN_STOCK else S(device.status).label),
        owner=owner_of(owner(device), by) if owner(device) else "",
        where=where_is(custody, by),
        place=custody.place.name if custody and custody.place else "",
        line=lines[0] if lines else None,
    )


def _view_words() -> dict[str, str]:
    return {
        "": _("All devices"),
        "in_service": _("In use"),
        "in_stock": _("In stock"),
        "in_repair": _("In repair"),
        "set_aside": capfirst(str(Device.Status.QUARANTINED.label)),
        "gone": _("Lost or stolen"),
        "retired": _("Retired"),
    }


def _owner_words() -> dict[str, str]:
    words = (_("Students"), _("Staff"), _("Classes"), _("Nobody"), _("Loaner pool"))
    return dict(zip(OWNERS, words, strict=True))


def _tabs(query: QueryDict) -> list[dict[str, Any]]:
    view = query.get("view", "")
    view = view if view in VIEWS else ""
    return [
        {"label": label, "url": _with_view(query, name), "current": name == view, "count": ""}
        for name, label in _view_words().items()
    ]


def _with_view(query: QueryDict, view: str) -> str:
    changed = query.copy()
    for name in ("view", "after"):
        changed.pop(name, None)
    if view:
        changed["view"] = view
    return f"?{changed.urlencode()}"


# --- The file: headers that the import knows again, in every language ------------------------------------------------


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


def _price(line: Line) -> Decimal | None:
    cents = line.device.price_cents
    return None if cents is None else Decimal(cents) / 100


def _of_line(name: str) -> Any:
    return lambda line: getattr(line.line, name) if line.line else ""


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Asset tag"), lambda line: line.device.tag),
    Field(gettext_lazy("Serial number"), lambda line: line.device.serial),
    Field(gettext_lazy("Manufacturer"), lambda line: line.device.model.manufacturer),
    Field(gettext_lazy("Model"), lambda line: line.device.model.name),
    Field(gettext_lazy("Status"), lambda line: S(line.device.status).label),
    Field(gettext_lazy("Loaner pool"), lambda line: _("yes") if line.device.is_loaner else ""),
    Field(gettext_lazy("School"), lambda line: line.device.home_site.name),
    Field(gettext_lazy("Place"), lambda line: line.place),
    Field(gettext_lazy("Where it is"), lambda line: line.where.where, Sort.PERSON),
    Field(gettext_lazy("Belongs to"), lambda line: line.owner, Sort.PERSON),
    Field(gettext_lazy("Purchase date"), lambda line: line.device.purchased_on, Sort.DAY),
    Field(gettext_lazy("Purchase price"), _price, Sort.NUMBER),
    Field(gettext_lazy("Funding source"), lambda line: line.device.funding_source),
    Field(gettext_lazy("Order number"), lambda line: line.device.order_number),
    Field(gettext_lazy("Warranty until"), lambda line: line.device.warranty_until, Sort.DAY),
    Field(gettext_lazy("IMEI"), _of_line("imei")),
    Field(gettext_lazy("SIM number"), _of_line("iccid")),
    Field(gettext_lazy("EID"), _of_line("eid")),
    Field(gettext_lazy("Mobile number"), _of_line("mdn")),
    Field(gettext_lazy("Carrier"), _of_line("carrier")),
)
LISTING = listing("devices", gettext_lazy("Devices"), "devices", _sheet)
