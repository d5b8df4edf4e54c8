"""The pages about vendors and claims: worked as a person would, few queries, clear sentences when refused."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from firstbell.claims.models import Claim
from firstbell.decisions.register import VENDOR_FILES, VENDOR_ROUTE
from firstbell.directory.models import User
from firstbell.flows.bench import find_fault, finish
from firstbell.flows.outside import hear, take_in_from_vendor
from firstbell.jobs.drain import drain_all
from firstbell.vendors.models import Feed, VendorCase, VendorStatus
from tests import make
from tests.vendors.outside import Outside, box_back, box_out, fresh, outside, the_claim
from tests.web.depot.world import form, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def o() -> Outside:
    return outside()


@pytest.fixture
def tech(o: Outside) -> Client:
    return signed_in(o.w.tech)


@pytest.fixture
def office(o: Outside) -> Client:
    return signed_in(User.objects.get(pk=o.w.town.office.user_id or 0))


def _text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def test_a_repair_is_handed_over_sent_heard_of_and_looked_at_on_its_pages(o, tech):
    order = o.w.on_bench()[0]
    bench = _text(tech.get(f"/bench/{order.code}"))
    assert f"/vendors/new/{order.code}" in bench
    assert "by way of the depot" in _text(tech.get(f"/vendors/new/{order.code}"))
    opened = tech.post(f"/vendors/new/{order.code}/opening", form(vendor=o.vendor.pk, fault="board"), follow=True)
    case = VendorCase.objects.everyone(reason="a test looks").get()
    assert f"{order.device.tag} goes to RepairCo." in _text(opened)
    tech.post(f"/vendors/cases/{case.code}/number", form(number="RMA-1"))
    board = _text(tech.get("/vendors"))
    assert "RMA-1" in board
    sent = tech.post("/vendors/boxes", form(case=case.pk, carrier="UPS", tracking="1Z1", cost="12.50"), follow=True)
    assert "The box is on its way." in _text(sent)
    assert box_out(case).parcel.cents == 12_50
    assert order.device.tag in _text(tech.get("/vendors?state=away"))
    tech.post(f"/vendors/cases/{case.code}/news", form(means="sent_back", tracking="1Z2"))
    assert "On its way back" in _text(tech.get(f"/vendors/cases/{case.code}"))
    arrived = tech.post(f"/vendors/cases/{case.code}/arrival", form(), follow=True)
    assert "Look whether it works." in _text(arrived)
    ended = tech.post(f"/vendors/cases/{case.code}/look", form(outcome="repaired", cost="80"), follow=True)
    assert "The case is ended." in _text(ended)
    assert "$80.00" in _text(ended)
    assert order.device.tag in _text(tech.get("/returns"))
    assert order.device.tag in _text(tech.get("/vendors?state=ended"))


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("number", {"number": " "}, "Write the number that the vendor gave."),
        ("departure", {"cost": "much"}, "Write amounts like 25 or 12.50."),
        ("departure", {}, "This vendor offers tracking"),
        ("news", {"means": "sent_back"}, "was not sent to the vendor yet."),
        ("look", {"outcome": "perfect"}, "Say how it came back."),
        ("look", {"outcome": "repaired"}, "was not sent to the vendor yet."),
        ("arrival", {}, "is here according to the record."),
    ],
)
def test_what_does_not_fit_is_said_on_the_page_and_changes_nothing(o, tech, path, fields, sentence):
    o.says(tracking="yes")
    case = o.case(o.w.on_bench()[0])
    answered = tech.post(f"/vendors/cases/{case.code}/{path}", form(**fields))
    assert answered.status_code in {409, 422}
    assert sentence in _text(answered)
    assert (fresh(case).sent_at, fresh(case).outcome) == (None, "")


def test_a_school_that_may_send_finds_the_way_on_its_device(o):
    device = o.w.boxed()[0]
    lead = signed_in(o.w.here.lead)
    order = device.work_orders.get()
    make.decision(VENDOR_FILES.key, "school")
    make.decision(VENDOR_ROUTE.key, "school")
    lead.post(f"/vendors/new/{order.code}/opening", form(vendor=o.vendor.pk, fault="screen"))
    case = VendorCase.objects.everyone(reason="a test looks").get()
    assert lead.post(f"/vendors/cases/{case.code}/departure", form()).status_code == 302
    page = _text(lead.get(f"/devices/{device.tag}"))
    assert "RepairCo" in page
    assert "On the way to RepairCo" in page


def test_a_refusal_names_the_decision_behind_it(o):
    order = o.w.boxed()[0].work_orders.get()
    refused = signed_in(o.w.here.lead).post(
        f"/vendors/new/{order.code}/opening", form(vendor=o.vendor.pk, fault="screen")
    )
    assert refused.status_code == 422
    assert str(VENDOR_FILES.title) in _text(refused)


def test_answers_and_words_are_kept_on_the_vendors_page(o, tech, office):
    address = f"/vendors/{o.vendor.code}"
    assert "10 questions are unanswered" in _text(tech.get(address))
    office.post(f"{address}/answers", form(key="tracking", value="yes", clause="§ 4"))
    office.post(f"{address}/answers", form(key="days", value="8"))
    wrong = office.post(f"{address}/answers", form(key="days", value="soon"))
    assert (wrong.status_code, "whole number" in _text(wrong)) == (422, True)
    page = _text(tech.get(address))
    assert "8 questions are unanswered" in page
    assert "8 weekdays" in page
    case = o.sent()
    hear(case_id=case.pk, word="Bench 4", **o.act())
    assert "bench 4" in _text(tech.get("/vendors"))
    tech.post(f"{address}/words", form(word="bench 4", means="working"))
    assert fresh(case).means == VendorStatus.WORKING
    assert "Being repaired" in _text(tech.get(address))


def test_a_list_is_looked_through_before_it_is_taken_over(o, tech):
    case = o.sent(number="1042")
    tech.post(f"/vendors/{o.vendor.code}/words", form(word="done", means="sent_back"))
    data = SimpleUploadedFile("news.csv", b"RMA,Status,Tracking\n1042,Done,B-1\n7777,Done,\n")
    looked = tech.post(f"/vendors/{o.vendor.code}/feeds", form(list=data), follow=True)
    feed = Feed.objects.get()
    assert "Take 1 line over" in _text(looked)
    assert "no open case by that name" in _text(looked)
    assert fresh(case).back is None
    tech.post(f"/vendors/feeds/{feed.pk}/application", form())
    assert box_back(case).parcel.number == "B-1"
    assert "Taken over" in _text(tech.get(f"/vendors/feeds/{feed.pk}"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a file that holds something."),
        ({"list": b"a,b\n1,2"}, "needs a column for the status"),
        ({"text": "Hello"}, "No row of it names a case"),
    ],
)
def test_what_is_no_list_is_said_so(o, tech, fields, sentence):
    sent = {key: SimpleUploadedFile("x.csv", value) if key == "list" else value for key, value in fields.items()}
    answered = tech.post(f"/vendors/{o.vendor.code}/feeds", form(**sent))
    assert answered.status_code == 422
    assert sentence in _text(answered)


def test_a_mail_can_be_pasted(o, tech):
    o.sent(number="1042")
    looked = tech.post(f"/vendors/{o.vendor.code}/feeds", form(text="RMA: 1042\nStatus: Odd"), follow=True)
    assert "nobody has said what the word means" in _text(looked)


# --- Claims --------------------------------------------------------------------------------------------------------


def _draft(o: Outside) -> Claim:
    drain_all(at=o.w.at)
    order = o.w.on_bench()[0]
    o.covered(order.device)
    find_fault(work_order_id=order.pk, fault="screen", **o.act())
    drain_all(at=o.w.at)
    return the_claim(order)


def test_a_claim_is_sent_and_paid_on_its_page(o, tech):
    claim = _draft(o)
    assert "$52.00" in _text(tech.get("/claims"))
    tech.post(f"/claims/{claim.pk}/sending", form(cost="60", number="C-1"))
    claim.refresh_from_db()
    assert (claim.status, claim.cost_cents, claim.expected_cents) == ("sent", 60_00, 60_00)
    wrong = tech.post(f"/claims/{claim.pk}/decision", form(what="paid", paid="61"))
    assert (wrong.status_code, "at most $60.00" in _text(wrong)) == (422, True)
    assert tech.post(f"/claims/{claim.pk}/decision", form(what="refused", why="")).status_code == 422
    tech.post(f"/claims/{claim.pk}/decision", form(what="paid", paid="55"))
    assert "$55.00 paid" in _text(tech.get("/claims?state=decided"))
    device = _text(tech.get(f"/devices/{claim.device.tag}"))
    assert "1 claim left this year, $95.00 left this year" in device


def test_a_claim_is_dropped_or_refused_with_a_reason(o, tech):
    first = _draft(o)
    tech.post(f"/claims/{first.pk}/drop", form(why="small"))
    assert "the amount is too small" in _text(tech.get(f"/claims/{first.pk}"))
    second = _draft(o)
    tech.post(f"/claims/{second.pk}/sending", form(cost="52"))
    tech.post(f"/claims/{second.pk}/decision", form(what="refused", why="papers"))
    assert "papers were missing" in _text(tech.get(f"/claims/{second.pk}"))


def test_the_export_holds_what_a_provider_asks_for(o, tech):
    claim = _draft(o)
    text = tech.get("/exports/claims?as=csv").getvalue().decode()
    assert claim.device.serial in text
    assert "52.00" in text


def test_pages_take_few_queries_whatever_their_size(o, tech, django_assert_max_num_queries):
    o.says(days="5")
    for _ in range(3):
        back = o.sent()
        take_in_from_vendor(case_id=back.pk, **o.act())
        o.sent()
        o.case(o.w.on_bench()[0])
    orders = o.w.on_bench(3)
    for order in orders:
        finish(work_order_id=order.pk, fault="screen", **o.act())
    o.covered(*[order.device for order in orders])
    case = o.sent()
    states = ["", "away", "overdue", "coming", "here", "ended"]
    pages = [f"/vendors?state={state}" for state in states] + ["/claims", "/claims?state=sent", "/claims/missed"]
    pages += [f"/vendors/{o.vendor.code}", "/cover", f"/vendors/new/{orders[0].code}"]
    for address in pages:
        with time_machine.travel(o.w.at, tick=False), django_assert_max_num_queries(10, info=address):
            assert tech.get(address).status_code == 200, address
    with time_machine.travel(o.w.at, tick=False), django_assert_max_num_queries(12):
        assert tech.get(f"/vendors/cases/{case.code}").status_code == 200
    with time_machine.travel(o.w.at, tick=False), django_assert_max_num_queries(15):
        assert tech.get(f"/bench/{orders[0].code}").status_code == 200
