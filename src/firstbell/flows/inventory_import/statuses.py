"""What the words of a device list's status column mean to us."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.kernel.errors import Refused

S = Device.Status


class Standing(StrEnum):
    """What a list says about a device. Values are what ``--status`` takes."""

    IN_USE = "in use"
    IN_STOCK = "in stock"
    LOANER = "loaner"
    BROKEN = "broken"
    LOST = "lost"
    STOLEN = "stolen"
    RETIRED = "retired"


STATUS: Mapping[Standing, Device.Status] = MappingProxyType(
    {
        Standing.IN_USE: S.IN_SERVICE,
        Standing.IN_STOCK: S.IN_STOCK,
        Standing.LOANER: S.IN_STOCK,
        Standing.BROKEN: S.QUARANTINED,
        Standing.LOST: S.LOST,
        Standing.STOLEN: S.STOLEN,
        Standing.RETIRED: S.RETIRED,
    }
)
"""Broken devices are set aside: a list does not know their repair, so the desk or the bench opens one."""

IN_HANDS = frozenset({Standing.IN_USE, Standing.LOST, Standing.STOLEN})
"""With an owner these are, or were last, in the owner's hands."""

_WORDS: Mapping[Standing, tuple[str, ...]] = MappingProxyType(
    {
        Standing.IN_USE: (
            "in use", "in service", "active", "assigned", "issued", "deployed", "checked out", "student", "staff",
            "provisioned", "en uso", "en servicio",
        ),
        Standing.IN_STOCK: (
            "in stock", "stock", "available", "ready", "ready to deploy", "storage", "stored", "spare", "shelved",
            "new", "en existencias", "disponible",
        ),
        Standing.LOANER: ("loaner", "daily loaner", "loaner pool", "pool", "hot spare"),
        Standing.BROKEN: (
            "broken", "damaged", "in repair", "repair", "needs repair", "out for repair", "under repair", "maintenance",
            "defective", "set aside", "quarantined", "en reparación", "apartado",
        ),
        Standing.LOST: ("lost", "missing", "lost/missing", "perdido"),
        Standing.STOLEN: ("stolen", "theft", "robado"),
        Standing.RETIRED: (
            "retired", "disposed", "archived", "deprovisioned", "surplus", "scrapped", "recycled", "sold",
            "written off", "retirado", "dado de baja",
        ),
    }
)  # fmt: skip
KNOWN: Mapping[str, Standing] = MappingProxyType({word: code for code, words in _WORDS.items() for word in words})


def standing(word: str, given: Mapping[str, Standing], *, owned: bool) -> Standing:
    """Return what a status means; none at all means in use by its owner, or in stock. Raises Refused for a new word."""
    plain = " ".join(word.replace("_", " ").replace("-", " ").casefold().split())
    if not plain:
        return Standing.IN_USE if owned else Standing.IN_STOCK
    found = given.get(plain) or KNOWN.get(plain)
    if found is None:
        sentence = _("Nobody has said what the status “{word}” means. Say it once for the whole list: {word}=in stock")
        raise Refused("status_unknown", sentence, word=word)
    return found
