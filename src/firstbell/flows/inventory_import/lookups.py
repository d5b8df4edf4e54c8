"""Which site, place, model and person the words of a list mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from firstbell.connectors.inventory import DeviceRow, Owner, OwnerKey
from firstbell.devices.actions.inventory import make_model
from firstbell.devices.models import DeviceModel
from firstbell.directory.actions import make_place
from firstbell.directory.models import Person, Place, Site, User
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused

STORE_ROOM = "Store room"
_NOT_MADE = 0
"""Stands for a row that a dry run would make."""
_KINDS = (
    ("chromebook", DeviceModel.Kind.CHROMEBOOK),
    ("ipad", DeviceModel.Kind.IPAD),
    ("macbook", DeviceModel.Kind.MAC),
    ("imac", DeviceModel.Kind.MAC),
    ("surface", DeviceModel.Kind.WINDOWS),
    ("latitude", DeviceModel.Kind.WINDOWS),
    ("thinkpad", DeviceModel.Kind.WINDOWS),
    ("windows", DeviceModel.Kind.WINDOWS),
)


@dataclass(frozen=True)
class Run:
    """Who imports, when, under which name space of operations, and whether anything may be written."""

    by: Actor
    at: datetime
    space: UUID
    dry: bool

    def op(self, what: str) -> UUID:
        """Return the operation id of one step: the same in every run of the same file in the same way."""
        return uuid5(self.space, what)


class Sites:
    """The open sites by every name they have, without regard to case."""

    def __init__(self, default: str) -> None:
        rows = list(Site.objects.filter(closed_on__isnull=True))
        self._by_name: dict[str, list[Site]] = {}
        for site in rows:
            for name in {site.name, site.code, site.identifier, site.source_id or ""} - {""}:
                self._by_name.setdefault(name.casefold(), []).append(site)
        self._default = self.find(default) if default else None

    def find(self, name: str) -> Site:
        """Return the site of this name, code or number. Raises Refused when there is none, or more than one."""
        found = self._by_name.get(name.casefold(), [])
        if len(found) > 1:
            raise Refused("site_ambiguous", _("More than one site is called “{name}”. Use its code."), name=name)
        if not found:
            raise Refused("site_unknown", _("There is no site “{name}”. Correct it, or map it."), name=name)
        return found[0]

    def of(self, row: DeviceRow, owner: Person | None) -> int:
        """Return the site of a row: the one it names, else its owner's, else the one given for the whole list."""
        if row.site:
            return int(self.find(row.site).pk)
        if owner is not None and owner.site_id is not None:
            return int(owner.site_id)
        if self._default is not None:
            return int(self._default.pk)
        raise Refused("site_missing", _("The row names no site and no owner who has one."))


class Places:
    """The open places of all sites by name; the store room of each site stands in for a place that is not known."""

    def __init__(self, run: Run) -> None:
        self._run = run
        rows = Place.objects.filter(closed_at__isnull=True).order_by("-pk")
        self._by_name: dict[tuple[int, str], int] = {}
        self._stores: dict[int, int] = {}
        for pk, site, name, kind in rows.values_list("pk", "site_id", "name", "kind").iterator():
            self._by_name[site, name.casefold()] = pk
            if kind == Place.Kind.STORE:
                self._stores[site] = pk

    def find(self, site_id: int, name: str) -> int | None:
        """Return the place of this name at a site."""
        return self._by_name.get((site_id, " ".join(name.split()).casefold()))

    def store(self, site_id: int) -> int:
        """Return the store room of a site, made when it has none."""
        if site_id not in self._stores:
            self._stores[site_id] = self._by_name.get((site_id, STORE_ROOM.casefold())) or self._make(site_id)
        return self._stores[site_id]

    def _make(self, site_id: int) -> int:
        run = self._run
        if run.dry:
            return _NOT_MADE
        op = run.op(f"store:{site_id}")
        made = make_place(site_id=site_id, kind=Place.Kind.STORE, name=STORE_ROOM, by=run.by, at=run.at, op=op)
        return int(made.pk)


class Models:
    """The models by maker and name, without regard to case."""

    def __init__(self, run: Run) -> None:
        self._run = run
        rows = DeviceModel.objects.values_list("manufacturer", "name", "pk")
        self._known = {(maker.casefold(), name.casefold()): pk for maker, name, pk in rows}

    def find(self, row: DeviceRow) -> int:
        """Return the model of a row, made when it is new."""
        maker, name = row.manufacturer[:60], (row.model or row.model_number or str(_("Model not known")))[:120]
        key = (maker.casefold(), name.casefold())
        if key not in self._known:
            self._known[key] = self._make(maker, name)
        return self._known[key]

    def _make(self, maker: str, name: str) -> int:
        run = self._run
        if run.dry:
            return -len(self._known) - 1
        op = run.op(f"model:{maker}:{name}")
        made = make_model(manufacturer=maker, name=name, kind=kind_of(f"{maker} {name}"), by=run.by, at=run.at, op=op)
        return int(made.pk)


def kind_of(name: str) -> DeviceModel.Kind:
    """Return the kind that a model's name gives away, else other."""
    folded = name.casefold()
    return next((kind for word, kind in _KINDS if word in folded), DeviceModel.Kind.OTHER)


class Owners:
    """The people whom a batch of rows names, by number, e-mail address or login; never by name."""

    def __init__(self, rows: Iterable[DeviceRow], by: Actor) -> None:
        named = {row.owner for row in rows if row.owner is not None}
        people = Person.objects.visible_to(by).exclude(kind=Person.Kind.GUARDIAN)
        self._found: dict[Owner, list[Person]] = {}
        self._add(OwnerKey.NUMBER, people.filter(local_number__in=_values(named, OwnerKey.NUMBER)), "local_number")
        emails = _values(named, OwnerKey.EMAIL)
        if emails:
            folded = people.annotate(folded_email=Lower("email")).filter(folded_email__in=emails)
            self._add(OwnerKey.EMAIL, folded, "email")
        self._add_logins(_values(named, OwnerKey.USERNAME))

    def _add(self, key: OwnerKey, people: "QuerySet[Person]", column: str) -> None:
        for person in people.order_by("pk"):
            value = str(getattr(person, column))
            owner = Owner(key, value.casefold() if key is OwnerKey.EMAIL else value)
            self._found.setdefault(owner, []).append(person)

    def _add_logins(self, names: list[str]) -> None:
        for user in User.objects.filter(username__in=names, person__isnull=False).select_related("person"):
            assert user.person is not None
            self._found[Owner(OwnerKey.USERNAME, user.username)] = [user.person]

    def find(self, owner: Owner) -> Person:
        """Return the person. Raises Refused when nobody, or more than one, answers to it, or they have left."""
        people = self._found.get(owner, [])
        here = [person for person in people if person.active]
        if len(here) > 1:
            raise Refused("owner_ambiguous", _("More than one person has this number or address."))
        if not people:
            raise Refused("owner_unknown", _("Nobody with this number or address is on the roster."))
        if not here:
            raise Refused("owner_left", _("The owner has left, by the roster."))
        return here[0]


def _values(named: Iterable[Owner], key: OwnerKey) -> list[str]:
    return [owner.value for owner in named if owner.by is key]
