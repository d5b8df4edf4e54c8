"""What a school's people are told once a day, as its day begins: what waits too long, and how much (S36)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from firstbell.decisions.queries import Plan, plan
from firstbell.devices.models import Shipment
from firstbell.directory.models import Site
from firstbell.jobs.recipients import hands_at, leads
from firstbell.kernel.actor import SYSTEM
from firstbell.loans.queries import kits
from firstbell.measures.alarms import Alarm, alarms
from firstbell.measures.due import within_48_hours
from firstbell.measures.reach import Reach, reach_of
from firstbell.measures.storage import uncounted_stores
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice
from firstbell.vendors.queries import all_answers, away
from firstbell.vendors.rules import is_overdue

TOLD = {
    Alarm.PICKUP: Notice.Kind.PICKUP_LATE,
    Alarm.HAND_BACK: Notice.Kind.HAND_BACK_LATE,
    Alarm.UNTOUCHED: Notice.Kind.UNTOUCHED,
}
UNDER_WAY = (Shipment.Status.SENT, Shipment.Status.PARTLY_RECEIVED)


def tell_of_the_day(at: datetime) -> None:
    """Tell of late pick-ups and hand-backs, untouched reports, what never arrived or is overdue, once a school day."""
    answers, reach = plan(), reach_of(SYSTEM)
    sounding = alarms(SYSTEM, reach, answers, at)
    couriers = [user_id for depot in reach.benches for user_id in hands_at(depot, at=at)]
    for alarm, kind in TOLD.items():
        for site_id, number in sounding[alarm].items():
            to = couriers if alarm is Alarm.PICKUP and couriers else leads(site_id, at=at)
            _tell(kind, site_id, number, to, reach, at)
    counted = {
        Notice.Kind.NOT_RECEIVED: _never_received(reach, answers, at),
        Notice.Kind.VENDOR_OVERDUE: _overdue_at_vendors(at),
    }
    for kind, numbers in counted.items():
        for site in (*reach.schools, *reach.benches):
            if numbers[site.pk]:
                _tell(kind, site.pk, numbers[site.pk], hands_at(site, at=at), reach, at)
    _tell_of_walks(reach, answers, at)


def _tell_of_walks(reach: Reach, answers: Plan, at: datetime) -> None:
    """Tell of kits that are not full as the day begins (S106), and of storage that was not counted yesterday (S134)."""
    short: Counter[int] = Counter()
    for kit in kits(by=SYSTEM, answers=answers):
        short[kit.place.site_id] += kit.short
    uncounted = uncounted_stores(reach, at)
    for site in reach.schools:
        for kind, number in ((Notice.Kind.KIT_SHORT, short), (Notice.Kind.STORE_UNCOUNTED, uncounted)):
            if number[site.pk]:
                _tell(kind, site.pk, number[site.pk], leads(site.pk, at=at), reach, at)


def _tell(kind: Notice.Kind, site_id: int, number: int, to: Iterable[int], reach: Reach, at: datetime) -> None:
    school = reach.times[site_id]
    day = at.astimezone(school.zone).date()
    span = school.span_of(day)
    if span is None or at < span[0]:
        return
    tell(message=Message(kind=kind, cause=f"day:{site_id}:{day}", site_id=site_id, number=number), to=to, at=at)


def _never_received(reach: Reach, answers: Plan, at: datetime) -> Counter[int]:
    """Count by receiving site what left and was not scanned in within 48 hours as the plan reads them."""
    rows = Shipment.objects.everyone(reason="an alarm serves no reader").filter(
        status__in=UNDER_WAY, sent_at__isnull=False, to_site__kind__in=[Site.Kind.SCHOOL, Site.Kind.DEPOT]
    )
    found: Counter[int] = Counter()
    for site_id, sent_at in rows.values_list("to_site_id", "sent_at").order_by():
        if site_id in reach.times and sent_at:
            due = within_48_hours(reach.times[site_id], answers, site_id, sent_at)
            found[site_id] += due is not None and due < at
    return found


def _overdue_at_vendors(at: datetime) -> Counter[int]:
    """Count by who looks after the case what a vendor should have sent back by now (S68, S88)."""
    answers = all_answers()
    overdue = (case for case in away(by=SYSTEM) if is_overdue(case, answers[case.vendor_id], at))
    return Counter(case.owner_id for case in overdue)
