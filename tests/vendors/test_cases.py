"""Repairs with vendors: who may, by which way, with which number; custody follows what they say (S62-S68, S88)."""

from datetime import date, timedelta

import pytest

from firstbell.decisions.register import VENDOR_FILES, VENDOR_RETURN, VENDOR_ROUTE
from firstbell.devices.models import Custody, Shipment
from firstbell.devices.queries import differences
from firstbell.flows.handback import hand_back
from firstbell.flows.outside import call_off, hand_to_vendor, hear, look_at_return, send_to_vendor, take_in_from_vendor
from firstbell.flows.transport import pack_return, scan_in
from firstbell.kernel.errors import Denied, Missing
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.repairs.actions import check, repair
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket
from firstbell.vendors.actions import hand_case_over, map_word, set_number
from firstbell.vendors.models import VendorCase, VendorStatus
from firstbell.vendors.queries import answers_of, cases, unmapped
from firstbell.vendors.rules import due_back, is_overdue, weekdays_later
from tests import make
from tests.rules.town import refused
from tests.vendors.outside import Outside, box_back, box_out, fresh, outside
from tests.web.depot.world import custody, ticket_of
from tests.web.depot.world import fresh as fresh_order

pytestmark = pytest.mark.django_db
Out, V = VendorCase.Outcome, VendorStatus


@pytest.fixture
def o() -> Outside:
    return outside()


def _hear(o: Outside, case: VendorCase, means: VendorStatus, **more: object) -> VendorCase:
    return hear(case_id=case.pk, means=means, **(o.act() | more))


def test_by_way_of_the_depot_and_back_to_it(o):
    case = o.sent(number="RMA-7")
    assert (case.owner, case.return_to, case.number) == (o.w.town.depot, o.w.town.depot, "RMA-7")
    here = custody(case.device)
    assert (here.kind, here.shipment, here.site) == (Custody.Kind.SHIPMENT, case.out, o.vendor)
    assert box_out(case).parcel.number == "1Z42"
    assert (ticket_of(case.device).waiting_on, ticket_of(case.device).level) == (Ticket.WaitingOn.VENDOR, 4)
    _hear(o, case, V.RECEIVED)
    assert custody(case.device).site == o.vendor
    _hear(o, case, V.SENT_BACK, carrier="UPS", tracking="1Z99")
    back = box_back(case)
    assert (back.to_site, back.parcel.number) == (o.w.town.depot, "1Z99")
    scan_in(shipment_id=back.pk, **o.act(days=1))
    assert custody(case.device).place == o.w.town.bench
    look_at_return(case_id=case.pk, outcome=Out.REPAIRED, cents=95_00, **o.act())
    order = fresh_order(case.work_order)
    assert (order.status, order.fault) == (WorkOrder.Status.CHECKED, "board")
    assert [(part.part, part.cents) for part in order.parts.all()] == [("outside", 95_00)]
    assert fresh(case).outcome == Out.REPAIRED
    assert differences() == []


def test_straight_from_the_school_and_straight_back(o):
    for question in (VENDOR_ROUTE, VENDOR_FILES, VENDOR_RETURN):
        make.decision(question.key, "school")
    device = o.w.boxed()[0]
    lead = {"by": o.w.here.lead_actor}
    order = device.work_orders.get()
    case = o.case(order, fault="screen", **lead)
    assert (case.owner, case.return_to) == (o.w.here.site, o.w.here.site)
    send_to_vendor(case_ids=[case.pk], **(o.act() | lead))
    _hear(o, case, V.WORKING, **lead)
    take_in_from_vendor(case_id=case.pk, **(o.act(days=2) | lead))
    assert custody(device).place == o.w.here.places["return_shelf"]
    look_at_return(case_id=case.pk, outcome=Out.REPAIRED, **(o.act() | lead))
    assert fresh_order(order).status == WorkOrder.Status.CHECKED
    assert (ticket_of(device).waiting_on, ticket_of(device).level) == (Ticket.WaitingOn.REPORTER, 2)
    assert differences() == []


@pytest.mark.parametrize(
    ("question", "code", "school_files"),
    [(VENDOR_FILES, "district_files", False), (VENDOR_ROUTE, "by_way_of_depot", True)],
)
def test_what_the_plan_gives_to_the_district_a_school_does_not_do(o, question, code, school_files):
    if school_files:
        make.decision(VENDOR_FILES.key, "school")
    order = o.w.boxed()[0].work_orders.get()
    lead = {"by": o.w.here.lead_actor}
    with refused(code):
        case = o.case(order, **lead)
        send_to_vendor(case_ids=[case.pk], **(o.act() | lead))


def test_a_coach_and_another_school_have_no_part_in_it(o):
    order = o.w.on_bench()[0]
    strangers = [make.user("coach", Role.COACH, o.w.here.site)[1], make.school().lead_actor]
    for stranger in strangers:
        with pytest.raises((Missing, Denied)):
            o.case(order, by=stranger)
    case = o.case(order)
    for stranger in strangers:
        assert not cases(by=stranger).exists()
        with pytest.raises((Missing, Denied)):
            send_to_vendor(case_ids=[case.pk], **(o.act() | {"by": stranger}))


@pytest.mark.parametrize(
    ("answers", "typed", "code"),
    [
        ({"tracking": "yes"}, {}, "no_tracking"),
        ({"tracking": "yes"}, {"number": "  "}, "no_tracking"),
        ({"tracking": "yes"}, {"number": "1Z"}, ""),
        ({"tracking": "no"}, {}, ""),
        ({}, {}, ""),
        ({"boxes": "both"}, {}, "no_box"),
        ({"boxes": "both"}, {"box": "B-9"}, ""),
        ({"shipping": "no"}, {}, "no_shipping_cost"),
        ({"shipping": "no"}, {"cents": 0}, ""),
        ({"shipping": "out"}, {}, ""),
    ],
)
def test_what_a_vendor_offers_decides_what_a_box_needs(o, answers, typed, code):
    o.says(**answers)
    case = o.case(o.w.on_bench()[0])
    if code:
        with refused(code):
            send_to_vendor(case_ids=[case.pk], **typed, **o.act())
        assert fresh(case).sent_at is None
    else:
        assert send_to_vendor(case_ids=[case.pk], **typed, **o.act()).parcel is not None


def test_a_vendor_without_parts_gets_nothing_that_needs_one(o):
    o.says(parts="no")
    order = o.w.on_bench()[0]
    with refused("vendor_no_parts"):
        o.case(order, fault="screen")
    assert o.case(order, fault="software").is_open


def test_several_devices_go_in_one_box_and_only_together_from_one_site(o):
    first, second = (o.case(order) for order in o.w.on_bench(2))
    shipment = send_to_vendor(case_ids=[first.pk, second.pk], **o.act())
    assert shipment.items.count() == 2
    apart = o.case(o.w.on_bench()[0])
    boxed = o.case(o.w.boxed()[0].work_orders.get())
    with refused("not_together"):
        send_to_vendor(case_ids=[apart.pk, boxed.pk], **o.act())


def test_two_devices_with_one_tracking_number_come_back_in_one_box(o):
    first, second = (o.case(order) for order in o.w.on_bench(2))
    send_to_vendor(case_ids=[first.pk, second.pk], **o.act())
    for case in (first, second):
        _hear(o, case, V.SENT_BACK, tracking="BACK-1")
    assert fresh(first).back == fresh(second).back
    assert box_back(first).items.count() == 2


def test_a_device_leaves_once_and_a_case_is_opened_once(o):
    case = o.sent()
    with refused("sent_already"):
        send_to_vendor(case_ids=[case.pk], **o.act())
    with refused("case_open"):
        o.case(case.work_order)
    with refused("sent_already"):
        call_off(case_id=case.pk, **o.act())


def test_a_case_that_is_called_off_leaves_the_repair_to_the_bench(o):
    order = o.w.on_bench()[0]
    case = o.case(order)
    call_off(case_id=case.pk, **o.act())
    assert fresh(case).outcome == Out.CALLED_OFF
    repair(work_order_id=order.pk, fault="board", **o.act())
    again = o.w.on_bench()[0]
    assert o.case(again).is_open


def test_a_repair_does_not_close_over_an_open_case_unless_somebody_says_why(o):
    order = o.w.on_bench()[0]
    o.case(order, fault="screen")
    repair(work_order_id=order.pk, fault="screen", **o.act())
    check(work_order_id=order.pk, passed=True, **(o.act() | {"by": o.w.town.checker}))
    home = pack_return(site_id=order.site_id, **o.act())
    lead = {"by": o.w.here.lead_actor}
    scan_in(shipment_id=home.pk, **(o.act() | lead))
    with refused("case_still_open"):
        hand_back(device_id=order.device_id, **(o.act() | lead))
    hand_back(device_id=order.device_id, reason="The vendor never answered.", **(o.act() | lead))
    assert fresh_order(order).closing_reason == "The vendor never answered."


def test_nothing_is_repaired_here_that_a_vendor_has(o):
    make.decision("repair.where", "school")
    case = o.sent()
    _hear(o, case, V.WORKING)
    with refused("at_vendor"):
        repair(work_order_id=case.work_order_id, fault="board", **o.act())


def test_only_what_is_not_repaired_goes_to_a_vendor(o):
    with refused("nothing_to_repair"):
        o.case(o.w.repaired()[0])


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Out.NOT_REPAIRED, WorkOrder.Status.DIAGNOSED), (Out.BEYOND, WorkOrder.Status.BEYOND_REPAIR)],
)
def test_what_comes_back_broken_goes_on_from_there(o, outcome, status):
    case = o.sent()
    with refused("not_back"):
        look_at_return(case_id=case.pk, outcome=outcome, **o.act())
    take_in_from_vendor(case_id=case.pk, **o.act(days=1))
    look_at_return(case_id=case.pk, outcome=outcome, **o.act())
    assert fresh_order(case.work_order).status == status
    with refused("case_ended"):
        look_at_return(case_id=case.pk, outcome=outcome, **o.act())


def test_it_may_come_back_to_another_place_than_expected(o):
    case = o.sent()
    take_in_from_vendor(case_id=case.pk, site_id=o.w.here.site.pk, **o.act(days=1))
    assert custody(case.device).site == o.w.here.site
    with refused("here_already"):
        take_in_from_vendor(case_id=case.pk, **o.act())
    assert (
        Shipment.objects.everyone(reason="a test looks")
        .exclude(status="closed")
        .filter(items__device=case.device)
        .count()
        == 0
    )
    assert differences() == []


def test_a_case_has_one_owner_who_hands_it_over(o):
    case = o.sent()
    lead = {"by": o.w.here.lead_actor}
    with pytest.raises(Denied):
        hand_case_over(case_id=case.pk, site_id=o.w.here.site.pk, **(o.act() | lead))
    hand_case_over(case_id=case.pk, site_id=o.w.here.site.pk, **o.act())
    assert fresh(case).owner == o.w.here.site
    with pytest.raises(Missing):
        hand_case_over(case_id=case.pk, site_id=o.vendor.pk, **o.act())
    set_number(case_id=case.pk, number=" RMA 9 ", **(o.act() | lead))
    assert fresh(case).number == "RMA 9"


def test_words_of_the_vendor_mean_what_somebody_said_and_the_others_are_listed(o):
    case = o.sent()
    hear(case_id=case.pk, word="  On   the BENCH ", **o.act())
    assert (fresh(case).heard, fresh(case).means) == ("on the bench", "")
    assert [(row["heard"], row["n"]) for row in unmapped(by=o.w.by)] == [("on the bench", 1)]
    assert custody(case.device).kind == Custody.Kind.SHIPMENT, "nobody guesses"
    map_word(vendor_id=o.vendor.pk, word="on the bench", means=V.WORKING, **o.act())
    assert fresh(case).means == V.WORKING
    assert unmapped(by=o.w.by) == []
    hear(case_id=case.pk, word="On the bench", **o.act())
    assert custody(case.device).site == o.vendor
    with refused("no_news"):
        hear(case_id=case.pk, **o.act())


def test_nothing_typed_stands_in_the_ledger(o):
    case = o.sent(number="RMA-SECRET")
    hear(case_id=case.pk, word="secret word", tracking="TRACK-SECRET", **o.act())
    said = str([row.facts for row in history(case)] + [row.facts for row in history(case.device)])
    assert "SECRET" not in said
    assert "secret" not in said


def test_a_device_is_due_on_the_day_that_is_promised_else_so_many_weekdays_after_it_left(o):
    case = o.sent()
    assert due_back(case, {}) is None
    assert due_back(case, {"days": "10"}) == date(2026, 9, 28)
    hear(case_id=case.pk, promised_on=date(2026, 9, 23), **o.act())
    case = fresh(case)
    assert due_back(case, {"days": "10"}) == date(2026, 9, 23)
    at = make.MONDAY + timedelta(days=9)
    assert not is_overdue(case, {}, at)
    assert is_overdue(case, {}, at + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "number", "then"),
    [
        (date(2026, 9, 14), 0, date(2026, 9, 14)),
        (date(2026, 9, 14), 4, date(2026, 9, 18)),
        (date(2026, 9, 14), 5, date(2026, 9, 21)),
        (date(2026, 9, 18), 1, date(2026, 9, 21)),
        (date(2026, 9, 19), 1, date(2026, 9, 21)),
        (date(2026, 9, 19), 5, date(2026, 9, 25)),
        (date(2026, 9, 17), 7, date(2026, 9, 28)),
    ],
)
def test_weekdays_are_monday_to_friday(day, number, then):
    assert weekdays_later(day, number) == then


def test_answers_are_kept_with_what_they_were_before(o):
    o.says(tracking="no")
    o.says(tracking="yes", days="7")
    assert answers_of(o.vendor.pk) == {"tracking": "yes", "days": "7"}
    assert o.vendor.vendor_answers.count() == 3
    for key, value in (("tracking", "maybe"), ("days", "many"), ("days", "999")):
        with pytest.raises(Exception, match=r"not_an_option|number_wrong"):
            o.says(**{key: value})


def test_the_same_form_sent_twice_hands_it_over_once(o):
    order = o.w.on_bench()[0]
    act = o.act()
    first, second = (
        hand_to_vendor(work_order_id=order.pk, vendor_id=o.vendor.pk, fault="board", **act) for _ in range(2)
    )
    assert first.pk == second.pk
