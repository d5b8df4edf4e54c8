"""The reporter's page: where it is, whose turn, what comes next, in words and without names."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstbell.directory.models import Place
from firstbell.flows.closing import close_ticket
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.handback import hand_back
from firstbell.flows.report import Receipt, report_problem
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.clock import utc_now
from firstbell.repairs.actions import check, give_up, repair
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report, clear_note, resolve, take, wait, write
from firstbell.tickets.models import Message, StatusLink, Ticket
from tests import make


def report(here: make.School, symptom: str = "cracked", **more: Any) -> Receipt:
    said = Report(site_id=here.site.pk, symptom=symptom, place_id=here.places["room"].pk, **more)
    at = utc_now() - timedelta(hours=2)
    return report_problem(report=said, channel=Ticket.Channel.QR, by=REPORTER, at=at, op=make.op())


def page(client: Client, receipt: Receipt) -> str:
    answer = client.get(f"/s/{receipt.token}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def by(actor, minutes: int = 0) -> dict[str, Any]:
    return {"by": actor, "at": utc_now() - timedelta(minutes=60 - minutes), "op": make.op()}


def test_the_receipt_says_where_to_go_and_what_to_keep(client, here):
    receipt = report(here)
    text = page(client, receipt)
    code = receipt.ticket.code
    assert "We have your report" in text
    assert "Go to the tech desk: Library desk" in text
    assert f"{code[:4]} {code[4:]}" in text
    assert f'data-copy="http://testserver/s/{receipt.token}"' in text
    assert "<svg viewBox" in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("symptom", "plan", "said"),
    [
        ("slow", "desk", "Go to the tech desk"),
        ("slow", "classroom", "Stay in class: somebody comes to you"),
        ("cracked", "classroom", "Go to the tech desk"),
        ("unsafe", "desk", "Tell an adult now"),
        ("missing", "classroom", "Tell an adult now"),
        ("blocked", "desk", "You don&#x27;t need to go anywhere"),
    ],
)
def test_where_to_go_is_the_plan_s(client, here, symptom, plan, said):
    make.decision("triage.place", plan)
    assert said in page(client, report(here, symptom))


def test_a_class_stopper_stays_in_class(client, here):
    text = page(client, report(here, "dead", class_stopper=True, reporter="staff"))
    assert "Stay in class" in text
    assert "Within 10 minutes" in text


def test_a_family_at_home_need_not_come(client, here):
    assert "need to go anywhere" in page(client, report(here, "slow", reporter="family"))


def test_a_school_without_a_desk_still_answers(client, here):
    here.places["desk"].delete()
    assert "Go to the tech desk" in page(client, report(here))


def test_every_stage_of_a_repair_is_told_as_a_place(client, town, here):
    ana = make.person(here.site, given="Canaria", family="Secretissima")
    broken, spare = make.device(town, here, ana), make.loaner(town, here)
    receipt = report(here, device_id=broken.pk)
    told = []

    def look() -> None:
        text = page(client, receipt)
        assert "Secretissima" not in text
        told.append(text)

    swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, **by(here.lead_actor))
    look()
    order = order_of(broken.pk)
    assert order is not None
    out = empty_box(place_id=here.places["pickup_box"].pk, **by(town.technician, 1))
    look()
    scan_in(shipment_id=out.pk, **by(town.technician, 2))
    look()
    repair(work_order_id=order.pk, fault="screen", **by(town.technician, 3))
    look()
    check(work_order_id=order.pk, passed=True, **by(town.checker, 4))
    back = pack_return(site_id=here.site.pk, **by(town.technician, 5))
    look()
    scan_in(shipment_id=back.pk, **by(here.lead_actor, 6))
    look()
    hand_back(device_id=broken.pk, loaner_id=spare.pk, **by(here.lead_actor, 7))
    look()
    expected = [
        (f"At {here.site.name}: Pick-up box", "Handed in"),
        (f"On its way to {town.depot.name}", "On its way"),
        (f"At {town.depot.name}", "Being repaired"),
        ("It is repaired. Next: somebody checks it.", "Being repaired"),
        (f"On its way to {here.site.name}", "On its way back"),
        ("Go to the tech desk: Library desk", "Ready for you"),
        ("It is back with its owner", ""),
    ]
    for text, (where, step) in zip(told, expected, strict=True):
        assert where in text
        assert (f"</span> {step}" in text.split('aria-current="step"')[1]) if step else ("Keep this page" not in text)
    assert spare.tag in told[0]
    assert "You can expect it by" in told[2]
    assert "You can expect it by" not in told[6]


def test_beyond_repair_says_so_and_promises_no_day(client, town, here):
    broken, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    receipt = report(here, device_id=broken.pk)
    swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, **by(here.lead_actor))
    out = empty_box(place_id=here.places["pickup_box"].pk, **by(town.technician, 1))
    scan_in(shipment_id=out.pk, **by(town.technician, 2))
    order = order_of(broken.pk)
    assert order is not None
    give_up(work_order_id=order.pk, **by(town.technician, 3))
    text = page(client, receipt)
    assert "It cannot be repaired" in text
    assert "You can expect it by" not in text


def test_another_device_for_good_ends_the_wait(client, town, here):
    make.decision("intake.stand_in", "swap")
    broken, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    receipt = report(here, device_id=broken.pk)
    swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, **by(here.lead_actor))
    assert "The new one is yours now" in page(client, receipt)


def test_a_loaner_for_the_day_is_named(client, town, here):
    flat, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    receipt = report(here, "flat", device_id=flat.pk)
    swap_at_desk(device_id=flat.pk, loaner_id=spare.pk, **by(here.lead_actor))
    assert f"Use loaner {spare.tag} for now" in page(client, receipt)


def test_work_in_hand_questions_and_answers_are_shown(client, here):
    receipt = report(here, "other")
    ticket = receipt.ticket.pk
    take(ticket_id=ticket, **by(here.lead_actor))
    assert "Somebody is working on it" in page(client, receipt)
    staff_only = {"audience": Message.Audience.STAFF, **by(here.lead_actor, 1)}
    write(ticket_id=ticket, body="Between us: a spill", **staff_only)
    write(ticket_id=ticket, body="Which pen?", audience=Message.Audience.REPORTER, **by(here.lead_actor, 1))
    wait(ticket_id=ticket, on=Ticket.WaitingOn.REPORTER, **by(here.lead_actor, 2))
    text = page(client, receipt)
    assert "We have a question for you" in text
    assert "Which pen?" in text
    assert "Between us" not in text
    assert str(here.lead) not in text.replace("leading", "").replace('class="lead"', "")


def test_an_answer_of_the_reporter_goes_on_with_the_work(client, here):
    receipt = report(here, "other")
    wait(ticket_id=receipt.ticket.pk, on=Ticket.WaitingOn.REPORTER, **by(here.lead_actor))
    op = make.op()
    for _ in range(2):
        answer = client.post(f"/s/{receipt.token}/messages", {"op": op, "body": "The blue <b>one</b>"})
        assert (answer.status_code, answer.url) == (303, f"/s/{receipt.token}")
    assert Message.objects.count() == 1
    receipt.ticket.refresh_from_db()
    assert receipt.ticket.status == Ticket.Status.IN_PROGRESS
    assert "The blue &lt;b&gt;one&lt;/b&gt;" in page(client, receipt)


@pytest.mark.parametrize("body", ["", "   ", "x" * 2001])
def test_a_message_that_cannot_be_sent_is_said_in_place(client, here, body):
    receipt = report(here)
    answer = client.post(f"/s/{receipt.token}/messages", {"op": make.op(), "body": body})
    assert answer.status_code == 422
    assert 'id="body-error"' in answer.content.decode()
    assert Message.objects.count() == 0


def test_messages_without_end_are_stopped(client, here, monkeypatch):
    monkeypatch.setattr("firstbell.web.street.budget.MESSAGES", 2)
    receipt = report(here)
    codes = [
        client.post(f"/s/{receipt.token}/messages", {"op": make.op(), "body": "Hello?"}).status_code for _ in range(3)
    ]
    assert codes == [303, 303, 422]


def test_a_word_after_it_was_solved_opens_it_again(client, here):
    receipt = report(here, "slow")
    resolve(ticket_id=receipt.ticket.pk, **by(here.lead_actor))
    assert "Not solved? Tell us" in page(client, receipt)
    client.post(f"/s/{receipt.token}/messages", {"op": make.op(), "body": "It is slow again"})
    receipt.ticket.refresh_from_db()
    assert receipt.ticket.status == Ticket.Status.IN_PROGRESS


def test_a_closed_report_takes_no_more_words(client, here):
    receipt = report(here, "slow")
    close_ticket(ticket_id=receipt.ticket.pk, **by(here.lead_actor))
    text = page(client, receipt)
    assert "It is solved" in text
    assert "<textarea" not in text


def test_an_expired_or_invented_link_leads_nowhere(client, here):
    receipt = report(here)
    assert client.get(f"/s/{'0' * 40}").status_code == 404
    assert client.post(f"/s/{'0' * 40}/messages", {"op": make.op(), "body": "x"}).status_code == 404
    StatusLink.objects.update(expires_at=utc_now() - timedelta(seconds=1))
    assert client.get(f"/s/{receipt.token}").status_code == 404


def test_the_link_is_kept_by_no_cache_and_told_to_no_other_site(client, here):
    answer = client.get(f"/s/{report(here).token}")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"


def _queries(client, receipt: Receipt) -> int:
    with CaptureQueriesContext(connection) as caught:
        page(client, receipt)
    return len(caught)


def test_the_page_asks_the_database_the_same_however_long_the_story(client, town, here):
    broken, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    receipt = report(here, device_id=broken.pk)
    swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, **by(here.lead_actor))
    few = _queries(client, receipt)
    for number in range(20):
        write(
            ticket_id=receipt.ticket.pk,
            body=f"{number}",
            audience=Message.Audience.REPORTER,
            **by(here.lead_actor, number),
        )
    make.device(town, make.school())
    assert _queries(client, receipt) == few <= 10


def test_what_was_sent_is_shown_and_so_is_that_an_adult_reads_it_first(client, here):
    held = "An adult reads your words before the student team sees them."
    told = report(here, "slow", note="It <b>hums</b>.")
    text = page(client, told)
    assert "You wrote:" in text
    assert "It &lt;b&gt;hums&lt;/b&gt;." in text
    assert held in text
    clear_note(ticket_id=told.ticket.pk, **by(here.lead_actor))
    assert held not in page(client, told)
    assert held not in page(client, report(here, "cracked", note="It fell."))
    assert "You wrote:" not in page(client, report(here, "slow"))


def test_a_desk_called_tech_desk_is_named_once(client, here):
    Place.objects.filter(pk=here.places["desk"].pk).update(name="Tech desk")
    text = page(client, report(here))
    assert "Go to the tech desk" in text
    assert "Tech desk: Tech desk" not in text
    assert "tech desk: Tech desk" not in text


def test_a_moment_minutes_ago_reads_as_one(client, town, here):
    device = make.device(town, here, make.person(here.site))
    receipt = report(here, device_id=device.pk)
    swap_at_desk(
        device_id=device.pk, loaner_id=make.loaner(town, here).pk, symptom="cracked", **by(here.lead_actor, 50)
    )
    text = " ".join(page(client, receipt).split())
    assert "Arrived there: <time" in text
    assert "10 minutes ago" in text
    assert "since <time" not in text
