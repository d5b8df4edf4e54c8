"""The tech desk of each school: broken devices in, loaners out, and back again."""

from datetime import datetime, timedelta

from firstbell.demo.life import rates
from firstbell.demo.life.engine import Engine
from firstbell.demo.town import Issued, School
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Condition
from firstbell.flows.charges import decide_no_charge, propose_charge
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.handback import hand_back, put_in_pool, return_loaner
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.loans.queries import free_loaners, open_loan_for
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.actions import name_device
from firstbell.tickets.models import Ticket

G = Condition.Grade
_BACK_AS = ((G.GOOD, 84), (G.WORN, 13), (G.DAMAGED, 3))
_FORGOT_LOANER = "The loaner is at home. Brings it tomorrow."
_CLOSET = 3
"""Devices that one lead puts on the desk “for later” instead of into the box."""
_DAY = 430
"""School minutes of a day."""


class Desk:
    """What the leads do. ``busy`` are devices in trouble, ``lent_to`` people with a loaner of the day."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.busy: set[int] = set()
        self._for_later = _CLOSET
        self._held_back: set[int] = set()
        now = engine.town.now
        self._closet_days = (now - timedelta(days=12), now - timedelta(days=4))

    def loaner(self, school: School) -> int | None:
        """Return a loaner that is free."""
        found = free_loaners(school.pk, by=school.lead).values_list("pk", flat=True).first()
        return None if found is None else int(found)

    def bring_in(self, school: School, issued: Issued, symptom: str, ticket: Ticket | None, at: datetime) -> None:
        """Somebody stands at the desk with a broken device."""
        do, lead = self._engine.do, school.lead
        if ticket is not None and ticket.device_id is None:
            named = {"ticket_id": ticket.pk, "device_id": issued.device_id, "person_id": issued.person_id}
            do(name_device, by=lead, at=at, **named)
        loaner = self.loaner(school)
        broken = {"device_id": issued.device_id, "symptom": symptom}
        if loaner is not None:
            taken = do(swap_at_desk, loaner_id=loaner, by=lead, at=at, **broken)
        else:
            taken = do(take_in, no_loaner="none_left", by=lead, at=at, **broken)
        if taken is None:
            return
        self.busy.add(issued.device_id)
        if symptom == "cracked" and self._engine.chance(rates.NOTES_DAMAGE):
            self._note_damage(school, issued, taken, at)
        if school.number == 1 and self._for_later and self._closet_days[0] < at < self._closet_days[1]:
            self._for_later -= 1
            do(relocate, device_id=issued.device_id, place_id=school.places["desk"], by=lead, at=at)

    def _note_damage(self, school: School, issued: Issued, ticket: Ticket, at: datetime) -> None:
        engine = self._engine
        happened = at - timedelta(minutes=engine.between(30, 300))
        cause = Incident.Cause.LIQUID if engine.chance(0.1) else Incident.Cause.ACCIDENTAL
        content = {"device_id": issued.device_id, "cause": cause, "happened_at": happened, "ticket_id": ticket.pk}
        incident = engine.do(note_damage, by=school.lead, at=at, **content)
        if incident is not None and engine.chance(0.8):
            engine.later(school.times, at, engine.between(60, 3 * _DAY), lambda then: self._decide(incident, then))

    def _decide(self, incident: Incident, at: datetime) -> None:
        engine, office = self._engine, self._engine.town.office
        if engine.chance(0.6):
            engine.do(propose_charge, incident_id=incident.pk, by=office, at=at)
        else:
            engine.do(decide_no_charge, incident_id=incident.pk, reason="policy", by=office, at=at)

    def lend_for_the_day(self, school: School, issued: Issued, reason: Loan.Reason, at: datetime) -> None:
        """Somebody without a working device gets one for today. Most bring it back after the last period."""
        loaner = self.lend_out(school, issued, reason, at)
        if loaner is not None:
            self.expect_back(school, loaner, at)

    def lend_out(self, school: School, issued: Issued, reason: Loan.Reason, at: datetime) -> int | None:
        """Lend a loaner to somebody who has none, and return it."""
        loaner = self.loaner(school)
        if loaner is None or open_loan_for(issued.person_id) is not None:
            return None
        content = {"device_id": loaner, "person_id": issued.person_id, "reason": reason}
        return None if self._engine.do(lend, by=school.lead, at=at, **content) is None else loaner

    def expect_loaner_of(self, school: School, issued: Issued, at: datetime) -> None:
        """Let the loaner that somebody got just now come back as loaners of the day do."""
        loan = open_loan_for(issued.person_id)
        if loan is not None:
            self.expect_back(school, loan.device_id, at)

    def expect_back(self, school: School, loaner: int, at: datetime) -> None:
        """Let a loaner of the day come back: today, in the next days, or never."""
        engine = self._engine
        if engine.chance(rates.NEVER_BACK):
            return
        span = school.times.span_of(at.astimezone(school.times.zone).date())
        if span is None or engine.chance(0.1):
            engine.later(
                school.times, at, engine.between(_DAY, 4 * _DAY), lambda then: self._back(school, loaner, then)
            )
            return
        closing = max(at, span[1] - timedelta(minutes=engine.between(1, 25)))
        engine.plan(closing, lambda then: self._back(school, loaner, then))

    def hold_back(self, school: School) -> None:
        """From now on nobody at this school brings a loaner back."""
        self._held_back.add(school.pk)

    def _back(self, school: School, loaner: int, at: datetime) -> None:
        if school.pk in self._held_back:
            return
        grade = self._engine.pick(_BACK_AS)
        back = self._engine.do(return_loaner, device_id=loaner, grade=grade, by=school.lead, at=at)
        if back is not None and grade is G.DAMAGED:
            self._send_loaner_in(school, loaner, at)

    def _send_loaner_in(self, school: School, loaner: int, at: datetime) -> None:
        content = {"device_id": loaner, "symptom": "cracked", "no_loaner": "not_wanted"}
        self._engine.do(take_in, by=school.lead, at=at + timedelta(minutes=1), **content)

    def hand_back(self, school: School, order: WorkOrder, at: datetime) -> None:
        """The owner of a repaired device stands at the desk; most have the loaner with them."""
        engine, device = self._engine, order.device_id
        if school.pk in self._held_back:
            return
        if order.for_pool:
            engine.do(put_in_pool, device_id=device, by=school.lead, at=at)
            return
        owner = next((row.person_id for row in school.issued if row.device_id == device), 0)
        loan = open_loan_for(owner)
        loaner = None if loan is None else loan.device_id
        grade = engine.pick(_BACK_AS)
        content = {"device_id": device, "loaner_id": loaner, "loaner_grade": grade}
        forgot = loaner is not None and engine.chance(rates.KEEPS_LOANER)
        if forgot:
            content = {"device_id": device, "reason": _FORGOT_LOANER}
        done = engine.do(hand_back, by=school.lead, at=at, **content)
        if done is None:
            return
        self.busy.discard(device)
        if forgot and loaner is not None:
            self.expect_back(school, loaner, at)
        elif loaner is not None and grade is G.DAMAGED:
            self._send_loaner_in(school, loaner, at)
