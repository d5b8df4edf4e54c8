"""What the student teams can do: how many kinds of task each helper is trusted with, and is learning (S49)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from firstbell.directory.queries import roles_on
from firstbell.kernel.roles import Role
from firstbell.measures.reach import Reach
from firstbell.tickets.models import TeamSkill
from firstbell.tickets.queries import skill_levels


@dataclass(frozen=True)
class Ladder:
    """The team of one school: helpers, and the kinds of task they are trusted with and learn, summed over them."""

    helpers: int
    trusted: int
    learning: int

    @property
    def each(self) -> float:
        """Kinds of task that a helper is trusted with, on average."""
        return self.trusted / self.helpers


def skills(reach: Reach, at: datetime) -> dict[int, Ladder]:
    """Return the team of each school that has one, in three queries."""
    held = roles_on(at.date()).filter(role=Role.STUDENT_TECH, site_id__in=reach.ids, user__is_active=True)
    helpers = list(held.values_list("user_id", "site_id"))
    levels = Counter((site, level) for (_user, site, _skill), level in skill_levels(helpers).items())
    teams = Counter(site for _user, site in helpers)
    return {
        site: Ladder(number, levels[site, TeamSkill.Level.TRUSTED], levels[site, TeamSkill.Level.LEARNING])
        for site, number in teams.items()
    }
