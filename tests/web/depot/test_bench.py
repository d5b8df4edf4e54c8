"""The bench: its queue, one-tap fixes, details, the check by somebody else, the way home, what is beyond repair."""

from datetime import timedelta

import pytest
import time_machine

from firstbell.devices.actions.inventory import make_model
from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Place
from firstbell.flows.bench import wait_for_part
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import pack_return
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Message, Ticket
from firstbell.web.paging import page_of
from tests import make
from tests.web.depot.world import World, custody, form, fresh, signed_in, ticket_of, world

pytestmark = pytest.mark.django_db
S = WorkOrder.Status


@pytest.fixture
def w() -> World:
    return world(2)


def _text(response) -> str:
    return str(response.content.decode())


# --- The queue -----------------------------------------------------------------------------------------------


def test_the_queue_is_oldest_first_and_says_what_is_late(w):
    old = w.on_bench()[0]
    w.later(days=9)
    new = w.on_bench()[0]
    with time_machine.travel(w.at):
        page = _text(signed_in(w.tech).get("/bench"))
    assert page.index(old.device.tag) < page.index(new.device.tag)
    assert "1 repair takes longer than the plan says." in page
    assert page.count("school days late") == 1


def test_days_on_the_bench_count_from_the_scan_there(w):
    shipment, (device,) = w.sent()
    w.later(days=9)
    with time_machine.travel(w.at):
        signed_in(w.tech).post(f"/shipments/{shipment.code}/arrivals", form())
        page = _text(signed_in(w.tech).get("/bench"))
    assert device.tag in page
    assert "school days late" not in page


def test_a_device_on_its_way_is_not_on_the_bench(w):
    w.on_bench()
    _shipment, (device,) = w.sent()
    assert device.tag not in _text(signed_in(w.tech).get("/bench"))


@pytest.mark.parametrize("chosen", ["school", "model", "what"])
def test_filters_keep_what_fits(w, chosen):
    here = w.on_bench()[0]
    there = w.on_bench(1, w.town.schools[1])[0]
    WorkOrder.objects.everyone(reason="a test").filter(pk=there.pk).update(symptom="dead")
    model = make_model(manufacturer="Other", name="Tab", kind=DeviceModel.Kind.IPAD, **make.system())
    Device.objects.everyone(reason="a test").filter(pk=there.device_id).update(model=model)
    value = {"school": here.site_id, "model": here.device.model_id, "what": "symptom:cracked"}[chosen]
    page = _text(signed_in(w.tech).get("/bench", {chosen: value}))
    assert here.device.tag in page
    assert there.device.tag not in page


def test_what_waits_for_a_part_and_what_is_beyond_repair_have_their_own_lists(w):
    part, beyond = w.on_bench(2)
    client = signed_in(w.tech)
    client.post(f"/bench/{part.code}/part", form(fault="board"))
    client.post(f"/bench/{beyond.code}/end", form())
    assert part.device.tag in _text(client.get("/bench?state=parts"))
    assert beyond.device.tag in _text(client.get("/bench?state=beyond"))
    assert ticket_of(part.device).waiting_on == Ticket.WaitingOn.PARTS
    assert ticket_of(beyond.device).waiting_on == Ticket.WaitingOn.DECISION


def test_the_second_page_starts_after_the_first(w, monkeypatch):
    orders = w.on_bench(3)
    monkeypatch.setattr(
        "firstbell.web.lists.page_of",
        lambda rows, columns, after, _size, dress: page_of(rows, columns, after, 2, dress),
    )
    client = signed_in(w.tech)
    first = client.get("/bench")
    assert orders[2].device.tag not in _text(first)
    second = _text(client.get(f"/bench{first.context['later']}"))
    assert orders[2].device.tag in second
    assert orders[0].device.tag not in second


@pytest.mark.parametrize("by", ["tag", "serial", "code"])
def test_a_scan_at_the_bench_opens_the_repair(w, by):
    order = w.on_bench()[0]
    text = getattr(order.device, by).lower()
    assert signed_in(w.tech).get("/bench", {"code": text}).headers["Location"] == f"/bench/{order.code}"


def test_any_other_scan_goes_where_scans_go(w):
    room = w.here.places["room"]
    response = signed_in(w.tech).get("/bench", {"code": room.code})
    assert response.headers["Location"] == f"/scan?code={room.code}"


def test_a_technicians_scan_anywhere_leads_to_the_bench_and_a_leads_to_the_device(w):
    order = w.on_bench()[0]
    tag = order.device.tag
    assert signed_in(w.tech).get("/scan", {"code": tag}).headers["Location"] == f"/bench/{order.code}"
    assert signed_in(w.here.lead).get("/scan", {"code": tag}).headers["Location"] == f"/devices/{tag}"
    boxed = w.boxed()[0]
    assert signed_in(w.tech).get("/scan", {"code": boxed.tag}).headers["Location"] == f"/devices/{boxed.tag}"


# --- One order -----------------------------------------------------------------------------------------------


def test_the_order_shows_what_the_bench_needs(w):
    order = w.on_bench()[0]
    Device.objects.everyone(reason="a test").filter(pk=order.device_id).update(warranty_until="2027-06-30")
    Ticket.objects.everyone(reason="a test").filter(pk=order.ticket_id).update(note="It fell off the bus")
    page = _text(signed_in(w.tech).get(f"/bench/{order.code}"))
    for expected in (
        "Cracked or broken part",
        "It fell off the bus",
        "until June 30, 2027",
        "Never.",
        "Screen replaced",
    ):
        assert expected in page
    assert page.index("Screen replaced") < page.index("Keyboard replaced")  # the likely fix comes first


def test_one_tap_is_a_whole_repair_with_part_price_and_minutes(w):
    order = w.on_bench()[0]
    response = signed_in(w.tech).post(f"/bench/{order.code}/repair", form(fault="screen"), follow=True)
    assert response.redirect_chain == [("/bench", 302)]
    assert f"{order.device.tag}: Screen replaced. Somebody checks it next." in _text(response)
    done = fresh(order)
    part = done.parts.get()
    assert (done.status, done.minutes, part.part, part.unit_cents) == (S.REPAIRED, 20, "screen", 5200)
    assert ticket_of(order.device).waiting_on == Ticket.WaitingOn.REPAIR


def test_where_the_plan_lets_the_same_person_check_one_tap_does_both(w):
    make.decision("repair.quality_check", "same_person")
    order = w.on_bench()[0]
    client = signed_in(w.tech)
    assert "One tap: repaired and checked." in _text(client.get(f"/bench/{order.code}"))
    response = client.post(f"/bench/{order.code}/repair", form(fault="software", checked="1"), follow=True)
    assert "Reset and enrolled again, and checked. Ready to go back." in _text(response)
    assert fresh(order).status == S.CHECKED


def test_one_tap_that_claims_the_check_is_refused_where_a_second_person_checks(w):
    order = w.on_bench()[0]
    response = signed_in(w.tech).post(f"/bench/{order.code}/repair", form(fault="screen", checked="1"))
    assert response.status_code == 422
    assert "The plan wants somebody else to check a repair." in _text(response)
    assert fresh(order).status == S.OPENED


def test_details_may_name_another_part_price_and_time(w):
    order = w.on_bench()[0]
    fields = form(details="1", fault="screen", part="keyboard", price="$ 12.5", minutes="7")
    signed_in(w.tech).post(f"/bench/{order.code}/repair", fields)
    done = fresh(order)
    part = done.parts.get()
    assert (done.fault, done.minutes, part.part, part.unit_cents) == ("screen", 7, "keyboard", 1250)


def test_a_repair_without_a_part_is_said_so(w):
    order = w.on_bench()[0]
    signed_in(w.tech).post(f"/bench/{order.code}/repair", form(details="1", fault="screen", part="none", minutes="5"))
    assert (fresh(order).status, fresh(order).parts.count()) == (S.REPAIRED, 0)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"fault": ""}, "Choose what was wrong."),
        ({"fault": "screen", "part": "", "minutes": "5"}, "the parts used, or that none was"),
        ({"fault": "screen", "part": "none", "minutes": ""}, "the minutes of work"),
        ({"fault": "screen", "part": "none", "minutes": "5", "price": "a lot"}, "Write the price in dollars"),
        ({"fault": "screen", "part": "none", "minutes": "5", "price": "5.123"}, "Write the price in dollars"),
    ],
)
def test_what_is_missing_on_record_is_said_in_place(w, fields, sentence):
    make.decision("repair.fields", ["fault", "part", "minutes"])
    order = w.on_bench()[0]
    response = signed_in(w.tech).post(f"/bench/{order.code}/repair", form(details="1") | fields)
    assert response.status_code == 422
    assert sentence in _text(response)
    assert fresh(order).status == S.OPENED
    assert '<details class="more" open>' in _text(response)


def test_the_fault_alone_can_be_noted(w):
    order = w.on_bench()[0]
    client = signed_in(w.tech)
    response = client.post(f"/bench/{order.code}/diagnosis", form(fault="board"), follow=True)
    assert "the fault is noted" in _text(response)
    assert (fresh(order).status, fresh(order).fault) == (S.DIAGNOSED, "board")
    assert "No power, board" in _text(client.get("/bench"))


def test_a_note_goes_to_the_ticket_for_colleagues_only(w):
    order = w.on_bench()[0]
    client = signed_in(w.tech)
    client.post(f"/bench/{order.code}/notes", form(note="Second screen this year", next=f"/bench/{order.code}"))
    message = Message.objects.get(ticket=order.ticket_id)
    assert (message.body, message.audience) == ("Second screen this year", "staff")
    assert client.post(f"/bench/{order.code}/notes", form(note=" ")).status_code == 422


def test_an_order_that_is_not_here_says_where_it_is_and_offers_no_fix(w):
    shipment, (device,) = w.sent()
    order = order_of(device.pk)
    assert order is not None
    client = signed_in(w.tech)
    page = _text(client.get(f"/bench/{order.code}"))
    assert f"/shipments/{shipment.code}" in page
    assert "Screen replaced" not in page
    response = client.post(f"/bench/{order.code}/repair", form(fault="screen"))
    assert response.status_code == 422
    assert "Scan it in first." in _text(response)


def test_a_lead_does_not_repair_what_lies_at_the_depot(w):
    order = w.on_bench()[0]
    response = signed_in(w.here.lead).post(f"/bench/{order.code}/repair", form(fault="screen"))
    assert response.status_code == 422
    assert "those who work there repair it" in _text(response)
    assert fresh(order).status == S.OPENED


def test_an_order_of_another_school_is_nothing_here(w):
    order = w.on_bench()[0]
    client = signed_in(w.town.schools[1].lead)
    assert client.get(f"/bench/{order.code}").status_code == 404
    for rest in ("repair", "diagnosis", "part", "end", "notes", "check"):
        assert client.post(f"/bench/{order.code}/{rest}", form(fault="screen")).status_code == 404


def test_where_the_plan_says_school_its_lead_has_a_bench(w):
    make.decision("repair.where", "school", w.here.site)
    device = w.boxed()[0]
    order = order_of(device.pk)
    assert order is not None
    client = signed_in(w.here.lead)
    assert device.tag in _text(client.get("/bench"))
    client.post(f"/bench/{order.code}/repair", form(fault="screen"))
    assert fresh(order).status == S.REPAIRED
    other = _text(signed_in(w.town.schools[1].lead).get("/bench"))
    assert "Repairs are made at the depot" in other


def test_checked_at_the_schools_own_bench_the_owner_is_expected(w):
    make.decision("repair.where", "school")
    make.decision("repair.quality_check", "same_person")
    device = w.boxed()[0]
    order = order_of(device.pk)
    assert order is not None
    signed_in(w.here.lead).post(f"/bench/{order.code}/repair", form(fault="screen", checked="1"))
    assert ticket_of(device).waiting_on == Ticket.WaitingOn.REPORTER


# --- After the repair ----------------------------------------------------------------------------------------


def test_somebody_else_checks_a_repair(w):
    order = w.repaired()[0]
    own = signed_in(w.tech)
    page = _text(own.get("/checks"))
    assert "repaired by you" in page
    assert "Passed" not in page
    refused = own.post(f"/bench/{order.code}/check", form(result="passed"))
    assert refused.status_code == 422
    assert "You repaired this one." in _text(refused)
    passed = signed_in(w.checker).post(f"/bench/{order.code}/check", form(result="passed"), follow=True)
    assert "It is ready to go back." in _text(passed)
    assert fresh(order).status == S.CHECKED


def test_a_repair_that_fails_its_check_is_back_on_the_bench(w):
    order = w.repaired()[0]
    client = signed_in(w.checker)
    client.post(f"/bench/{order.code}/check", form(result="failed"))
    assert fresh(order).status == S.DIAGNOSED
    assert "came back from its check" in _text(client.get(f"/bench/{order.code}"))


def test_a_check_that_somebody_else_did_already_is_told(w):
    order = w.repaired()[0]
    client = signed_in(w.checker)
    client.post(f"/bench/{order.code}/check", form(result="passed"))
    again = client.post(f"/bench/{order.code}/check", form(result="passed"))
    assert again.status_code == 409
    assert "does not wait for a check" in _text(again)


def test_what_is_checked_is_packed_for_its_school(w):
    orders = w.checked(2)
    w.checked(1, w.town.schools[1])
    client = signed_in(w.tech)
    assert f"Pack 2 for {w.here.site.name}" in _text(client.get("/returns"))
    response = client.post(f"/returns/{w.here.site.pk}", form(), follow=True)
    assert "2 devices are packed." in _text(response)
    assert {custody(order.device).site for order in orders} == {w.here.site}
    again = client.post(f"/returns/{w.here.site.pk}", form())
    assert again.status_code == 422
    assert "No checked repair waits for this school." in _text(again)


def test_a_device_swapped_for_good_goes_back_to_its_schools_pool(w):
    make.decision("intake.stand_in", "swap")
    owner = make.person(w.here.site)
    broken, spare = make.device(w.town, w.here, owner), make.loaner(w.town, w.here)
    lead, at = w.here.lead_actor, w.later(minutes=1)
    swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, symptom="cracked", by=lead, at=at, op=make.op())
    make.decision("repair.quality_check", "same_person")
    client, tech = signed_in(w.here.lead), signed_in(w.tech)
    box = w.here.places["pickup_box"]
    with time_machine.travel(w.later(minutes=5)):
        sent = tech.post(f"/boxes/{box.code}/departure", form(device=[broken.pk], shown="1")).headers["Location"]
        tech.post(f"{sent}/arrivals", form())
        order = order_of(broken.pk)
        assert order is not None
        tech.post(f"/bench/{order.code}/repair", form(fault="screen", checked="1"))
        assert "1 of them joins the school" in _text(tech.get("/returns"))
        back = tech.post(f"/returns/{w.here.site.pk}", form()).headers["Location"]
        client.post(f"{back}/arrivals", form())
    ticket = ticket_of(broken)
    assert (ticket.status, ticket.level) == ("in_progress", 2)  # nobody fetches it: the school puts it on its shelf


def test_a_lead_packs_nothing(w):
    w.checked()
    lead = signed_in(w.here.lead)
    assert lead.get("/returns").status_code == 404
    assert lead.post(f"/returns/{w.here.site.pk}", form()).status_code == 404


def test_beyond_repair_leaves_the_inventory_with_a_reason(w):
    order = w.on_bench()[0]
    client = signed_in(w.tech)
    refused = client.post(f"/bench/{order.code}/retirement", form(reason="not worth repairing"))
    assert refused.status_code == 422
    assert "Say first that it is beyond repair." in _text(refused)
    client.post(f"/bench/{order.code}/end", form())
    page = _text(client.get("/returns"))
    assert "Amara Nwosu0" in page
    assert "Give another device" in page
    client.post(f"/bench/{order.code}/retirement", form(reason="not worth repairing"))
    assert make.fresh(order.device).status == Device.Status.RETIRED
    assert fresh(order).closing_reason == "not worth repairing"
    client.get("/returns")  # the message is read
    assert order.device.tag not in _text(client.get("/returns"))


def test_what_nobody_speaks_of_is_listed_for_school_and_depot(w):
    silent = w.on_bench()[0]
    w.later(days=9)
    spoken = w.on_bench()[0]
    with time_machine.travel(w.at):
        for user in (w.tech, w.here.lead):
            page = _text(signed_in(user).get("/silent"))
            assert silent.device.tag in page
            assert "no news for 7 school days" in page
            assert spoken.device.tag not in page
        assert silent.device.tag not in _text(signed_in(w.town.schools[1].lead).get("/silent"))


def test_news_of_any_kind_ends_the_silence(w):
    order = w.on_bench()[0]
    wait_for_part(work_order_id=order.pk, fault="board", by=w.by, at=w.at + timedelta(days=8), op=make.op())
    with time_machine.travel(w.later(days=9)):
        assert order.device.tag not in _text(signed_in(w.tech).get("/silent"))


@pytest.mark.parametrize("address", ["/bench", "/checks", "/returns", "/silent", "/pickups", "/receiving"])
def test_signed_out_the_way_leads_to_the_sign_in(client, address):
    assert client.get(address).headers["Location"].startswith("/sign-in?next=")


def test_a_school_without_a_return_shelf_is_told_what_is_missing(w):
    w.checked()
    back = pack_return(site_id=w.here.site.pk, by=w.by, at=w.later(minutes=5), op=make.op())
    Place.objects.filter(site=w.here.site, kind__in=["return_shelf", "desk"]).update(closed_at=w.at)
    response = signed_in(w.here.lead).post(f"/shipments/{back.code}/arrivals", form())
    assert response.status_code == 422
    assert "has no place to receive devices yet" in _text(response)
