"""What can be written in the ledger about incidents."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class DamageNoted(Fact):
    """Damage to a device was noted. Who had it then is found through the custody named here."""

    kind = "incidents.damage_noted"
    sentence = _("Damage noted: {cause}")
    incident_id: int
    device_id: int
    cause: Code
    custody_id: int
