"""Where a person goes with a problem, and when somebody is there: from the tree, the plan and the bell times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import CLASS_STOPPER_MINUTES, TEAM_MINUTES, TRIAGE_PLACE
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import place_of_kind, school_time
from firstbell.kernel.schooltime import SchoolTime
from firstbell.tickets.triage import Symptom

WEEK_AHEAD = 14


@dataclass(frozen=True)
class Going:
    """One next step for the person: where, when, and the icon that goes with it."""

    where: str
    when: str
    icon: str


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
    return Going(desk_said(site), open_said(site, at), "place")


def desk_said(site: Site) -> str:
    """Return where the tech desk is, as the school calls it."""
    desk = place_of_kind(site.pk, Place.Kind.DESK)
    named = desk is not None and desk.name.casefold() not in {"tech desk", _("Tech desk").casefold()}
    return _("Go to the tech desk: {place}").format(place=desk.name) if desk and named else _("Go to the tech desk")


def _soon(minutes: int) -> str:
    return _("Within {minutes} minutes of school time").format(minutes=minutes) if minutes else ""


def open_said(site: Site, at: datetime) -> str:
    """Return when the school is open next, in its own time; nothing for a school without bell times."""
    if site.calendar is None:
        return ""
    school = school_time(site)
    span = school.span_of(at.astimezone(school.zone).date())
    if span and span[0] <= at < span[1]:
        return _("Open now, until {time}").format(time=_clock(span[1], school))
    if span and at < span[0]:
        return _("Open today from {time}").format(time=_clock(span[0], school))
    return _next_opening(school, at)


def _next_opening(school: SchoolTime, at: datetime) -> str:
    opening = next(school.spans(at, at + timedelta(days=WEEK_AHEAD)), None)
    if opening is None:
        return ""
    day = formats.date_format(opening[0].astimezone(school.zone), "l")
    return _("Open again on {day} from {time}").format(day=day, time=_clock(opening[0], school))


def _clock(moment: datetime, school: SchoolTime) -> str:
    return formats.date_format(moment.astimezone(school.zone), "TIME_FORMAT")
