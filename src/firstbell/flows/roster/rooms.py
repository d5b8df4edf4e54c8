"""Which place the ``location`` of a class is: one of the site with this name, or a new room."""

from django.db.models import QuerySet

from firstbell.directory.models import Place
from firstbell.ledger.bulk import copy_rows, reserve

_WIDTH = 80
_AHEAD = 500


class Rooms:
    """The places of all sites by name, without regard to case, and the rooms that a roster adds."""

    def __init__(self, known: "QuerySet[Place]") -> None:
        rows = known.order_by("-pk").values_list("site_id", "name", "pk", "closed_at")
        self._known = {(site, name.casefold()): 0 if closed else pk for site, name, pk, closed in rows.iterator()}
        self._new: list[tuple[int, int, str]] = []
        self._numbers: list[int] = []

    @classmethod
    def read(cls) -> "Rooms":
        """Read the places there are."""
        return cls(Place.objects.all())

    def find(self, site_id: int, location: str) -> int:
        """Return the id of the place, reserved when it is new; 0 for none (no location, or a place that is closed)."""
        name = " ".join(location.split())[:_WIDTH]
        if not (site_id and name):
            return 0
        key = (site_id, name.casefold())
        if key not in self._known:
            self._known[key] = self._number()
            self._new.append((self._known[key], site_id, name))
        return self._known[key]

    def _number(self) -> int:
        if not self._numbers:
            self._numbers = reserve(Place, _AHEAD)[::-1]
        return self._numbers.pop()

    def write(self) -> None:
        """Write the new rooms into their staging table."""
        copy_rows("roster_room", ["place_id", "site_id", "name"], self._new)
