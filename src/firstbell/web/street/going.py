"""Where a person goes with a problem, and when somebody is there: from the tree, the plan and the bell times."""

from dataclasses import dataclass
from datetime import datetime, time

from django.utils import formats
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import CLASS_STOPPER_MINUTES, TEAM_MINUTES, TRIAGE_PLACE
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import openings, place_of_kind
from firstbell.kernel.openings import Openings
from firstbell.kernel.schooltime import Hours
from firstbell.tickets.triage import Symptom


@dataclass(frozen=True)
class Going:
    """One next step for the person: where, when, and the icon that goes with it."""

    where: str
    when: str
    icon: str
    week: str = ""


def going(branch: Symptom, site: Site, answers: Plan, at: datetime, *, stopper: bool, family: bool) -> Going:
    """Return the reporter's own next step. A family is at home and need not go anywhere."""
    if branch.go == "adult":
        return Going(_("Tell an adult now"), "", "alert")
    if stopper:
        return Going(
            _("Stay in class: somebody comes to you"), _soon(answers.says(CLASS_STOPPER_MINUTES, site.pk)), "room"
        )
    if family or branch.go == "stay":
        return Going(_("You don't need to go anywhere"), "", "check")
    if branch.go == "plan" and answers.says(TRIAGE_PLACE, site.pk) == "classroom":
        minutes = answers.says(TEAM_MINUTES, site.pk) if branch.level == 1 else 0
        return Going(_("Stay in class: somebody comes to you"), _soon(minutes), "room")
    return to_the_desk(site, at)


def to_the_desk(site: Site, at: datetime) -> Going:
    """Return where the tech desk is, as the school calls it, and when somebody is there (S60)."""
    desk = place_of_kind(site.pk, Place.Kind.DESK)
    found = openings(desk, site)
    return Going(_desk_said(desk), open_said(found, at), "place", week_said(found))


def _desk_said(desk: Place | None) -> str:
    named = desk is not None and desk.name.casefold() not in {"tech desk", _("Tech desk").casefold()}
    return _("Go to the tech desk: {place}").format(place=desk.name) if desk and named else _("Go to the tech desk")


def _soon(minutes: int) -> str:
    return _("Within {minutes} minutes of school time").format(minutes=minutes) if minutes else ""


def open_said(found: Openings | None, at: datetime) -> str:
    """Return when it is open next, in the school's own time; nothing where no hours are known."""
    span = found.next(at) if found else None
    if found is None or span is None:
        return ""
    opens, closes = (moment.astimezone(found.school.zone) for moment in span)
    if span[0] <= at:
        return _("Open now, until {time}").format(time=_clock(closes))
    if opens.date() == at.astimezone(found.school.zone).date():
        return _("Open today from {time}").format(time=_clock(opens))
    return _("Open again on {day} from {time}").format(day=formats.date_format(opens, "l"), time=_clock(opens))


def week_said(found: Openings | None) -> str:
    """Return the hours of a place that has its own: "Mon-Fri 7:30-8:15, 11:30-12:30"."""
    return "; ".join(_line(*line) for line in found.week()) if found and found.own else ""


def _line(first: int, last: int, spans: list[Hours]) -> str:
    days = str(WEEKDAYS_ABBR[first]) if first == last else f"{WEEKDAYS_ABBR[first]}–{WEEKDAYS_ABBR[last]}"
    return f"{days} " + ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in spans)


def _clock(moment: datetime | time) -> str:
    return formats.time_format(moment, "TIME_FORMAT")
