"""The verbs of a walk through the rooms."""

from datetime import datetime

from firstbell.devices.models import Device
from firstbell.directory.actions import own_place
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.rounds import events, rules
from firstbell.rounds.models import Charging, FilterCheck


@verb
def check_filter(*, device_id: int, result: str, by: Actor, at: datetime, op: Op) -> FilterCheck:
    """Note whether the web filter of a device works. A helper reaches the devices of their own school only."""
    device = load(Device, device_id, by=by, permission=Permission.WORK_TEAM_TASKS, lock=False)
    rules.check_there(device)
    rules.check_result(result)
    check = FilterCheck.objects.create(
        site_id=device.at_site_id, device=device, result=result, checked_at=at, checked_by_id=by.user_id
    )
    fact = events.FilterChecked(check.pk, device.pk, check.site_id, Code(result))
    record(fact, about=[check, device], by=by, at=at, op=op)
    return check


@verb
def settle_filter_check(*, check_id: int, outcome: str, by: Actor, at: datetime, op: Op) -> FilterCheck:
    """Say what came of a check that did not pass: an adult's word, never the checker's."""
    check = load(FilterCheck, check_id, by=by)
    rules.check_open(check)
    rules.check_outcome(outcome)
    check.outcome, check.settled_at, check.settled_by_id = outcome, at, by.user_id
    check.save(update_fields=["outcome", "settled_at", "settled_by"])
    fact = events.FilterCheckSettled(check.pk, check.device_id, Code(outcome))
    record(fact, about=[check, *linked(check, "device")], by=by, at=at, op=op)
    return check


@verb
def count_charging(*, place_id: int, places: int, working: int, by: Actor, at: datetime, op: Op) -> Charging:
    """Note how many charging places a room has, and how many of them work."""
    place = own_place(place_id, by=by)
    rules.check_places(places, working)
    found = {"places": places, "working": working, "checked_at": at, "checked_by_id": by.user_id}
    rows = Charging.objects.everyone(reason="the place is in reach")
    row, _made = rows.update_or_create(place=place, defaults={"site_id": place.site_id, **found})
    fact = events.ChargingChecked(place.pk, place.site_id, places, working)
    record(fact, about=[place], by=by, at=at, op=op)
    return row
