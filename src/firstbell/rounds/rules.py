"""What a walk through the rooms allows."""

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.kernel.errors import Refused, Stale
from firstbell.rounds.models import FilterCheck

MOST_PLACES = 200
"""More charging places in one room are a slip of the finger."""
GONE = frozenset({Device.Status.LOST, Device.Status.STOLEN, Device.Status.RETIRED})


def check_there(device: Device) -> None:
    """A device that is on record as gone cannot be in somebody's hands: the desk must hear of it."""
    if device.status in GONE:
        raise Refused("device_gone", _("{tag} is not in use any more. Take it to the tech desk."), tag=device.tag)


def check_result(result: str) -> None:
    """A check says one of the offered results."""
    if result not in FilterCheck.Result.values:
        raise Refused("result_unknown", _("Say whether the filter works."))


def check_open(check: FilterCheck) -> None:
    """Only a failed check that nobody has looked after waits for somebody."""
    if check.result == FilterCheck.Result.ON or check.outcome:
        raise Stale("settled_already", _("Somebody has looked after this already."))


def check_outcome(outcome: str) -> None:
    """Looking after a check ends in one of the offered outcomes."""
    if outcome not in set(FilterCheck.Outcome.values) - {""}:
        raise Refused("outcome_unknown", _("Say what came of it."))


def check_places(places: int, working: int) -> None:
    """Charging places are a believable number, and no more of them work than there are."""
    if not 0 <= places <= MOST_PLACES:
        raise Refused("places", _("Give a whole number of charging places, at most {most}."), most=MOST_PLACES)
    if not 0 <= working <= places:
        raise Refused("working", _("There are {places} charging places. Say how many of them work."), places=places)
