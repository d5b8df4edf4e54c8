"""What can be written in the ledger about walks through the rooms."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class FilterChecked(Fact):
    """Somebody looked whether the web filter of a device works."""

    kind = "rounds.filter_checked"
    sentence = _("Filter check: {result}")
    check_id: int
    device_id: int
    site_id: int
    result: Code


@dataclass(frozen=True)
class FilterCheckSettled(Fact):
    """An adult looked after a filter check that did not pass."""

    kind = "rounds.filter_settled"
    sentence = _("The filter check was looked into: {outcome}")
    check_id: int
    device_id: int
    outcome: Code


@dataclass(frozen=True)
class ChargingChecked(Fact):
    """Somebody counted the charging places of a room."""

    kind = "rounds.charging_checked"
    sentence = _("Charging places in {place}: {working} of {places} work")
    place_id: int
    site_id: int
    places: int
    working: int
