"""Room posters from the live decision tree, and the register of which room hangs which version (S39, S40)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.connectors.papers import marks, typeset
from firstbell.decisions.queries import says
from firstbell.decisions.register import TRIAGE_PLACE
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import bell_hours, place_of_kind, sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.tickets.actions import hang_poster
from firstbell.tickets.models import HungPoster
from firstbell.tickets.posters import Facts, branches, languages, said_in, texts, version_of
from firstbell.web.asking import act_of, new_operation, safe_next, whole
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import paper, place_link
from firstbell.web.refusing import attempt

MOST = 200
POSTED = (Place.Kind.ROOM, Place.Kind.DESK, Place.Kind.CART)
"""Where people stand with a device and need to know what to do."""
STATES = ("missing", "old", "fine")


@dataclass(frozen=True)
class Room:
    """A room with the poster it should have and the one it has."""

    place: Place
    version: str
    hung: HungPoster | None

    @property
    def state(self) -> str:
        """Return fine, old or missing."""
        if self.hung is None:
            return "missing"
        return "fine" if self.hung.version == self.version else "old"


class School:
    """What all posters of one school share, asked for once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        desk = place_of_kind(site.pk, Place.Kind.DESK)
        self.desk = desk.name if desk else ""
        self.triage_place = says(TRIAGE_PLACE, site.pk)
        self.hours = bell_hours(site)

    def facts(self, place: Place) -> Facts:
        """Return what the poster of a place says about it."""
        return Facts(place.name, self.site.name, place.code, self.desk, self.triage_place, self.hours)

    def rooms(self) -> list[Room]:
        """Return the school's rooms with their posters, those without first."""
        rows = Place.objects.filter(site=self.site, kind__in=POSTED, closed_at__isnull=True)
        rooms = [self.room(place) for place in rows.select_related("site", "poster").order_by("name")]
        return sorted(rooms, key=lambda room: STATES.index(room.state))

    def room(self, place: Place) -> Room:
        """Return one room with its poster."""
        return Room(place, version_of(self.facts(place)), getattr(place, "poster", None))


def _chosen(by: Actor, query: QueryDict) -> tuple[list[Site], Site | None]:
    sites = list(sites_of(by, Permission.MOVE_DEVICES).filter(kind=Site.Kind.SCHOOL))
    wanted = whole(query.get("site"))
    return sites, next((site for site in sites if site.pk == wanted), sites[0] if sites and not wanted else None)


def _sheet(asked: Asked) -> Sheet[Room]:
    site = _chosen(asked.by, asked.query)[1]
    return Sheet(FIELDS, School(site).rooms() if site else [])


def _hung(row: Room) -> datetime | None:
    return site_time(row.hung.hung_at, row.place.site) if row.hung else None


STATE_WORDS = {
    "fine": gettext_lazy("up to date"),
    "old": gettext_lazy("an old one hangs"),
    "missing": gettext_lazy("none"),
}
FIELDS: tuple[Field[Room], ...] = (
    Field(gettext_lazy("School"), lambda row: row.place.site.name),
    Field(gettext_lazy("Room"), lambda row: row.place.name),
    Field(gettext_lazy("Poster"), lambda row: STATE_WORDS[row.state]),
    Field(gettext_lazy("Hung or checked"), _hung, Sort.MOMENT),
)
LISTING = listing("posters", gettext_lazy("Room posters"), "posters", _sheet)


def posters(request: FirstbellRequest) -> HttpResponse:
    """Show which room hangs which poster."""
    sites, site = _chosen(request.actor, request.GET)
    rooms = School(site).rooms() if site else []
    due = [room for room in rooms if room.state != "fine"]
    context = {
        "sites": sites,
        "site": site,
        "rooms": rooms,
        "due": due,
        "hung": len(rooms) - len(due),
        "speaks": languages(),
        "language": _language(request),
        "op": new_operation(),
    }
    return render(request, "desk/posters.html", context)


def poster_sheets(request: FirstbellRequest) -> HttpResponse:
    """Print the posters that a school's rooms lack, or all of them."""
    _sites, site = _chosen(request.actor, request.GET)
    if site is None:
        raise Missing("Site")
    rooms = School(site).rooms()
    wanted = rooms if request.GET.get("all") else [room for room in rooms if room.state != "fine"]
    if not wanted:
        messages.info(request, _("Every room hangs the poster of today. There is nothing to print."))
        return HttpResponseRedirect(f"/posters?site={site.pk}")
    return _printed(request, School(site), [room.place for room in wanted[:MOST]], f"posters-{site.pk}")


def place_in_reach(code: str, by: Actor) -> Place:
    """Return a place whose posters this person looks after."""
    place = Place.objects.select_related("site", "poster").filter(code=code.upper(), closed_at__isnull=True).first()
    if place is None or not by.may(Permission.MOVE_DEVICES, place.site_id):
        raise Missing("Place")
    return place


def poster_of(place: Place) -> Room:
    """Return the poster that a place should have, and the one it has."""
    return School(place.site).room(place)


def poster_sheet(request: FirstbellRequest, code: str) -> HttpResponse:
    """Print the poster of one room."""
    place = place_in_reach(code, request.actor)
    return _printed(request, School(place.site), [place], f"poster-{place.code}")


def _language(request: FirstbellRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in {*languages(), "all"} else "all"


def _spoken(request: FirstbellRequest) -> list[str]:
    asked = _language(request)
    return list(languages())[:2] if asked == "all" else [asked]


def _printed(request: FirstbellRequest, school: School, places: list[Place], name: str) -> HttpResponse:
    made = [poster_values(request, school, place) for place in places]
    return paper(typeset.pdf("poster", {"posters": made}), name)


def poster_values(request: FirstbellRequest, school: School, place: Place) -> dict[str, Any]:
    """Return what the template of a poster reads."""
    facts = school.facts(place)
    version, spoken = version_of(facts), _spoken(request)
    register = request.build_absolute_uri(f"/posters/{place.code}/{version}")
    return {
        "said": [said_in(language, facts) | {"or_type": texts()[language]["or_type"]} for language in spoken],
        "qr": marks.square(place_link(request, place)),
        "code": place.code,
        "start": request.get_host(),
        "room": facts.room,
        "site": facts.site,
        "staff": texts()[spoken[0]]["staff"],
        "version": version,
        "register": marks.square(register),
    }


def hint_cards(request: FirstbellRequest) -> HttpResponse:
    """Print a card for each symptom with its first steps."""
    start = request.build_absolute_uri("/")
    cards = [
        branch | {"language": language, "qr": marks.square(start), "foot": request.get_host()}
        for language in _spoken(request)
        for branch in branches(language)
        if branch["steps"]
    ]
    return paper(typeset.pdf("hints", {"cards": cards}), "hint-cards")


def poster(request: FirstbellRequest, code: str, version: str) -> HttpResponse:
    """Say whether this is the poster of today and ask if it hangs: the small code at its foot leads here."""
    place = place_in_reach(code, request.actor)
    room = poster_of(place)
    context = {"room": room, "place": place, "version": version, "current": version == room.version}
    return render(request, "desk/poster.html", context | {"op": new_operation()})


@require_POST
def hang(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note that the poster hangs."""
    place = place_in_reach(code, request.actor)
    version = request.POST.get("version", "")
    refusal: Refused | None = attempt(lambda: hang_poster(place_id=place.pk, version=version, **act_of(request)))
    if refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Noted: the poster of {place} hangs.").format(place=place.name))
    return HttpResponseRedirect(safe_next(request, f"/posters?site={place.site_id}"))
