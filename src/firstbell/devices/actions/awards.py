"""What is on record about federal money that paid for a device."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from firstbell.devices import events, rules
from firstbell.devices.models import Award, Device
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code


@dataclass(frozen=True)
class Federal:
    """What an award says of a device; the share in hundredths of a percent, the price of disposition in cents."""

    fain: str = ""
    title_holder: str = ""
    federal_share: int | None = None
    disposition: str = ""
    disposed_on: date | None = None
    disposed_cents: int | None = None


@verb
def note_award(*, device_id: int, federal: Federal, by: Actor, at: datetime, op: Op) -> Device:
    """Write down what federal rules ask of a device. The names of changed fields go to the ledger."""
    device = load(Device, device_id, by=by)
    by.require(Permission.REGISTER_DEVICES, device.home_site_id)
    rules.check_share(federal.federal_share)
    award = Award.objects.filter(device=device).first() or Award(device=device)
    wanted = {field.name: getattr(federal, field.name) for field in fields(Federal)}
    changed = sorted(name for name, value in wanted.items() if getattr(award, name) != value)
    if changed:
        for name in changed:
            setattr(award, name, wanted[name])
        award.save()
        record(events.DeviceAmended(device.pk, [Code(name) for name in changed]), about=[device], by=by, at=at, op=op)
    return device
