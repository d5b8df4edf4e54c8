"""What people ask for in a day: by the code in their room, at the desk, from a classroom that stands still."""

from collections.abc import Callable
from datetime import date, datetime

from firstbell.demo.life import rates
from firstbell.demo.life.desk import Desk
from firstbell.demo.life.engine import Engine
from firstbell.demo.town import Issued, School
from firstbell.flows.closing import approve_team_work, close_ticket
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER, SYSTEM, Actor
from firstbell.loans.models import Loan
from firstbell.tickets.actions import (
    Report,
    clear_note,
    finish_team_task,
    hand_up_overdue,
    note_self_help,
    resolve,
    take,
    take_team_task,
    triage,
    wait,
    write,
)
from firstbell.tickets.models import Message, Ticket

_STAFF = 0.08
_STOPS_CLASS = 0.35
_QR = 0.6
_ON_DEVICE = 0.55
_TEAM_TAKES = 0.8
_TEAM_SOLVES = 0.75
_TIME_BOX = 30
_ANSWERS = (
    "Please restart it and hold the refresh key; it should come back.",
    "Come to the desk before lunch, we will look at it together.",
    "Your account is open again. Choose a new password, please.",
    "Done. Please tell us if it happens again.",
)


class Requests:
    """The requests of the schools that live."""

    def __init__(self, engine: Engine, desk: Desk, lively: float) -> None:
        self._engine = engine
        self._desk = desk
        self._lively = lively

    def plan_day(self, school: School, day: date) -> None:
        """Let a school day bring what such days bring."""
        engine, students = self._engine, school.site.enrolment
        mood = (rates.MONDAY if day.weekday() == 0 else 1.0) * self._lively
        tickets = engine.times_a_day(rates.TICKETS / rates.SCHOOL_DAYS * students * mood)
        self._spread(school, day, tickets, self._ask)
        self._spread(school, day, engine.times_a_day(tickets * rates.SELF_HELP), self._help_oneself)
        self._spread(school, day, engine.times_a_day(rates.DAY_LOANS * students * self._lively), self._forget)

    def _spread(self, school: School, day: date, times: int, deed: Callable[[School, datetime], None]) -> None:
        for _ in range(times):
            moment = self._engine.somewhere_in(school, day)
            if moment is not None:
                self._engine.plan(moment, lambda then: deed(school, then))

    def _somebody(self, school: School, *, staff: bool = False) -> Issued | None:
        rows = [row for row in school.issued if row.staff is staff and row.device_id not in self._desk.busy]
        return self._engine.random.choice(rows) if rows else None

    def _help_oneself(self, school: School, at: datetime) -> None:
        code = self._engine.pick((code, weight) for code, weight in rates.SYMPTOMS if code in rates.TEAM | {"dead"})
        content = {"site_id": school.pk, "place_id": self._room(school), "code": code}
        self._engine.do(note_self_help, by=REPORTER, at=at, **content)

    def _forget(self, school: School, at: datetime) -> None:
        person = self._somebody(school)
        if person is not None:
            reason = Loan.Reason.FORGOTTEN if self._engine.chance(0.6) else Loan.Reason.FLAT
            self._desk.lend_for_the_day(school, person, reason, at)

    def _room(self, school: School) -> int | None:
        return self._engine.random.choice(school.rooms) if school.rooms else None

    def _ask(self, school: School, at: datetime) -> None:
        engine = self._engine
        staff = engine.chance(_STAFF)
        person, symptom = self._somebody(school, staff=staff), engine.pick(rates.SYMPTOMS)
        if person is None:
            return
        if symptom in rates.BROKEN and not engine.chance(_QR):
            self._desk.bring_in(school, person, symptom, None, at)
            return
        stops = staff and engine.chance(_STOPS_CLASS)
        ticket = self._report(school, person, symptom, at, stops=stops)
        if ticket is not None:
            self._follow(school, person, symptom, ticket, at, stops=stops)

    def _report(self, school: School, person: Issued, symptom: str, at: datetime, *, stops: bool) -> Ticket | None:
        engine = self._engine
        words = rates.NOTES.get(symptom, ())
        report = Report(
            site_id=school.pk,
            symptom=symptom,
            place_id=self._room(school),
            device_id=person.device_id if engine.chance(_ON_DEVICE) else None,
            reporter=Ticket.Reporter.STAFF if person.staff else Ticket.Reporter.STUDENT,
            note=engine.random.choice(words) if words and engine.chance(rates.NOTED) else "",
            class_stopper=stops,
        )
        receipt = engine.do(report_problem, report=report, channel=Ticket.Channel.QR, by=REPORTER, at=at)
        return None if receipt is None else receipt.ticket

    def _follow(
        self, school: School, person: Issued, symptom: str, ticket: Ticket, at: datetime, *, stops: bool
    ) -> None:
        engine = self._engine
        if stops:
            self._in_school_minutes(school, at, (2, 14), lambda then: self._solve(school, ticket, then))
        elif symptom in rates.BROKEN:
            deed = lambda then: self._desk.bring_in(school, person, symptom, ticket, then)  # noqa: E731 -- read below
            self._in_school_minutes(school, at, (4, 150), deed)
        elif symptom in rates.TEAM and ticket.level == 1:
            self._team(school, person, symptom, ticket, at)
        elif symptom == "flat":
            self._in_school_minutes(school, at, (3, 30), lambda then: self._lend_for(school, person, ticket, then))
        elif symptom == "missing":
            self._in_school_minutes(school, at, (5, 60), lambda then: self._miss(school, ticket, then))
        elif engine.chance(0.92):
            self._in_school_minutes(school, at, (8, 260), lambda then: self._solve(school, ticket, then))

    def _in_school_minutes(
        self, school: School, at: datetime, minutes: tuple[float, float], deed: Callable[[datetime], None]
    ) -> None:
        self._engine.later(school.times, at, self._engine.between(*minutes), deed)

    def _lend_for(self, school: School, person: Issued, ticket: Ticket, at: datetime) -> None:
        """A flat battery: a loaner for the day, which closes the ticket when it comes back."""
        self._desk.bring_in(school, person, "flat", ticket, at)
        self._desk.busy.discard(person.device_id)
        self._desk.expect_loaner_of(school, person, at)

    def _miss(self, school: School, ticket: Ticket, at: datetime) -> None:
        do, lead = self._engine.do, school.lead
        do(triage, ticket_id=ticket.pk, outcome=Ticket.Outcome.MISSING, by=lead, at=at)
        do(wait, ticket_id=ticket.pk, on=Ticket.WaitingOn.DECISION, by=lead, at=at)

    # --- School IT ---------------------------------------------------------------------------------------------

    def _solve(self, school: School, ticket: Ticket, at: datetime) -> None:
        """The lead, or who stands in, takes a ticket; most are solved the same hour, some wait for the reporter."""
        engine = self._engine
        worker = school.deputy if school.deputy is not None and engine.chance(0.25) else school.lead
        if engine.do(take, ticket_id=ticket.pk, by=worker, at=at) is None:
            return
        if engine.chance(0.4):
            self._write(ticket, worker, at)
        if engine.chance(0.1):
            engine.do(wait, ticket_id=ticket.pk, on=Ticket.WaitingOn.REPORTER, by=worker, at=at)
            self._in_school_minutes(school, at, (200, 1600), lambda then: self._close(ticket, worker, then))
        else:
            self._in_school_minutes(school, at, (4, 60), lambda then: self._close(ticket, worker, then))

    def _write(self, ticket: Ticket, worker: Actor, at: datetime) -> None:
        body = self._engine.random.choice(_ANSWERS)
        content = {"ticket_id": ticket.pk, "body": body, "audience": Message.Audience.REPORTER}
        self._engine.do(write, by=worker, at=at, **content)

    def _close(self, ticket: Ticket, worker: Actor, at: datetime) -> None:
        if self._engine.do(resolve, ticket_id=ticket.pk, by=worker, at=at) is not None and self._engine.chance(0.9):
            self._engine.do(close_ticket, ticket_id=ticket.pk, by=worker, at=at)

    # --- Student team ------------------------------------------------------------------------------------------

    def _team(self, school: School, person: Issued, symptom: str, ticket: Ticket, at: datetime) -> None:
        engine = self._engine
        if ticket.note and engine.chance(0.6):
            self._in_school_minutes(school, at, (2, 12), lambda then: self._read_note(school, ticket, then))
        if school.helpers and engine.chance(_TEAM_TAKES):
            helper = engine.random.choice(school.helpers)
            self._in_school_minutes(
                school, at, (3, 16), lambda then: self._help(school, person, symptom, ticket, helper, then)
            )
        else:
            engine.later(school.times, at, _TIME_BOX, lambda then: self._run_out(school, ticket, then))

    def _read_note(self, school: School, ticket: Ticket, at: datetime) -> None:
        self._engine.do(clear_note, ticket_id=ticket.pk, by=school.lead, at=at)

    def _run_out(self, school: School, ticket: Ticket, at: datetime) -> None:
        self._engine.do(hand_up_overdue, ticket_id=ticket.pk, by=SYSTEM, at=at)
        self._in_school_minutes(school, at, (5, 200), lambda then: self._solve(school, ticket, then))

    def _help(self, school: School, person: Issued, symptom: str, ticket: Ticket, helper: Actor, at: datetime) -> None:
        engine = self._engine
        if engine.do(take_team_task, ticket_id=ticket.pk, by=helper, at=at) is not None:
            deed = lambda then: self._finish(school, person, symptom, ticket, helper, then)  # noqa: E731 -- read below
            self._in_school_minutes(school, at, (3, 12), deed)

    def _finish(
        self, school: School, person: Issued, symptom: str, ticket: Ticket, helper: Actor, at: datetime
    ) -> None:
        engine = self._engine
        solved = engine.chance(_TEAM_SOLVES)
        if engine.do(finish_team_task, ticket_id=ticket.pk, solved=solved, by=helper, at=at) is None:
            return
        if solved:
            if engine.chance(0.93):
                self._in_school_minutes(school, at, (30, 420), lambda then: self._approve(school, ticket, then))
        elif symptom == "input" and engine.chance(rates.TO_THE_BENCH * 2):
            self._in_school_minutes(
                school, at, (10, 200), lambda then: self._desk.bring_in(school, person, symptom, ticket, then)
            )
        else:
            self._in_school_minutes(school, at, (10, 200), lambda then: self._solve(school, ticket, then))

    def _approve(self, school: School, ticket: Ticket, at: datetime) -> None:
        self._engine.do(approve_team_work, ticket_id=ticket.pk, by=school.lead, at=at)
