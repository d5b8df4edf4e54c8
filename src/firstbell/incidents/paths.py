"""What a case needs, as data: for each cause and place its steps, with their documents and their deadlines."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import POLICE_DAYS, SEARCH_DAYS, Question
from firstbell.incidents.models import Incident

C, W = Incident.Cause, Incident.Where


@dataclass(frozen=True)
class Step:
    """One step: what is done, what is written down for it (empty: nothing), and within how many school days."""

    code: str
    label: Any
    asks: Any
    days: int | Question[int]

    def days_at(self, answers: Plan, site_id: int) -> int:
        """Return the school days for this step at a site."""
        return self.days if isinstance(self.days, int) else answers.says(self.days, site_id)


LAST_SEEN = Step("last_seen", _("Write down where it was last seen"), _("Where, when, by whom"), 1)
LOCK = Step("lock", _("Lock the device from afar"), "", 1)
FAMILY = Step("family", _("Tell the family, or the staff member"), "", 1)
OFFICER = Step("officer", _("Tell an administrator or the school's officer"), "", 1)
CIRCUMSTANCES = Step("circumstances", _("Write down what happened"), _("Only what was seen"), 3)
POLICE = Step("police", _("Report it to the police"), _("Number of the police report"), POLICE_DAYS)
PROPERTY = Step("property", _("Report it to the district's property office"), _("Number of the report"), POLICE_DAYS)
SEARCH = Step("search", _("Search where it may be"), _("Where somebody looked"), SEARCH_DAYS)
CONDITION = Step("condition", _("Look at the damage together"), _("Only what is seen"), 3)

PATHS: dict[tuple[str, str], tuple[Step, ...]] = {
    (C.LOST, W.CAMPUS): (LAST_SEEN, LOCK, FAMILY, SEARCH),
    (C.LOST, W.OUTSIDE): (LAST_SEEN, LOCK, FAMILY, SEARCH),
    (C.LOST, W.VEHICLE): (LAST_SEEN, LOCK, FAMILY, SEARCH),
    (C.STOLEN, W.CAMPUS): (LAST_SEEN, OFFICER, LOCK, FAMILY, CIRCUMSTANCES, POLICE),
    (C.STOLEN, W.OUTSIDE): (LAST_SEEN, LOCK, FAMILY, CIRCUMSTANCES, POLICE),
    (C.STOLEN, W.VEHICLE): (LAST_SEEN, LOCK, CIRCUMSTANCES, POLICE, PROPERTY),
}
"""The same for students and adults (S79, S137): who had it changes the letter, not the steps."""
DAMAGE = (CONDITION,)
STEPS: dict[str, Step] = {step.code: step for steps in (*PATHS.values(), DAMAGE) for step in steps}


def path_of(incident: Incident) -> tuple[Step, ...]:
    """Return the steps of a case, in their order."""
    return PATHS.get((incident.cause, incident.where), DAMAGE)
