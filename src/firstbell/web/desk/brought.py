"""A loaner that was scanned at a device: what it is good for there, said at once."""

from django.utils.translation import gettext as _

from firstbell.devices.models import Device
from firstbell.kernel.identifiers import normalise_tag
from firstbell.loans.models import PoolDevice
from firstbell.loans.queries import READY, open_loan_of
from firstbell.web.desk.device_view import DeviceView, Step
from firstbell.web.desk.words import name_of

WANTED = frozenset({Step.ASK, Step.SWAP, Step.HAND_BACK})
"""The steps that a loaner belongs to."""


def said_of_loaner(view: DeviceView) -> tuple[str, str]:
    """Return a signal and a sentence about the loaner that was scanned here; nothing where the page shows it anyway."""
    entry = _entry(view)
    if entry is None:
        return "", ""
    tag = entry.device.tag
    if view.step not in WANTED:
        return "soon", _("Loaner {tag} is not needed here: {device} is not being swapped now.").format(
            tag=tag, device=view.device.tag
        )
    if view.step is Step.HAND_BACK:
        return _at_hand_back(view, tag)
    why_not = _why_not(view, entry)
    if why_not:
        return "soon", why_not
    return ("fine", _("Loaner {tag} noted: tap what is wrong.").format(tag=tag)) if view.step is Step.ASK else ("", "")


def _entry(view: DeviceView) -> PoolDevice | None:
    if not view.beside.loaner:
        return None
    rows = PoolDevice.objects.visible_to(view.by).select_related("device")
    return rows.filter(device__tag=normalise_tag(view.beside.loaner), until__isnull=True).first()


def _at_hand_back(view: DeviceView, tag: str) -> tuple[str, str]:
    if view.loaner is None:
        return "soon", _("{who} has no loaner to bring back.").format(who=view.person_name)
    if view.loaner.device.device.tag != tag:
        return "soon", _("{tag} is not the loaner that {who} has.").format(tag=tag, who=view.person_name)
    return "", ""


def _why_not(view: DeviceView, entry: PoolDevice) -> str:
    """Say why a loaner cannot go out; nothing when it can."""
    tag, lent = entry.device.tag, open_loan_of(entry.pk)
    if lent:
        return _("{tag} is out: {who} has it.").format(tag=tag, who=name_of(lent.person, view.by))
    if entry.device.status not in READY:
        status = Device.Status(entry.device.status).label
        return _("{tag} is {status} and cannot be lent.").format(tag=tag, status=status)
    return ""
