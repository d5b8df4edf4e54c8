"""Own device home, loaner in: one scan on the device's page closes the case."""

import pytest

from firstbell.decisions.register import HAND_BACK_TO, LOANER_AT_HAND_BACK
from firstbell.devices.actions.inventory import unassign
from firstbell.devices.models import Custody, Device
from firstbell.directory.actions import make_badges
from firstbell.directory.models import Badge, Person
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.clock import utc_now
from firstbell.ledger.queries import history
from firstbell.loans.models import Loan
from firstbell.loans.queries import open_loan_of
from firstbell.repairs.actions import check, repair
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.desk.conftest import Desk, Says


def _back_at_school(desk: Desk, ana: Person) -> tuple[Device, Device, Ticket]:
    device, loaner = desk.device(ana), desk.loaner()
    ticket = swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    out = empty_box(place_id=desk.here.places["pickup_box"].pk, **desk.technician())
    scan_in(shipment_id=out.pk, **desk.technician())
    order = order_of(device.pk)
    assert order is not None
    repair(work_order_id=order.pk, fault="screen", **desk.technician())
    check(work_order_id=order.pk, passed=True, by=desk.town.checker, at=utc_now(), op=make.op())
    home = pack_return(site_id=desk.here.site.pk, **desk.technician())
    scan_in(shipment_id=home.pk, **desk.act())
    return device, loaner, ticket


def _custody(device: Device) -> Custody:
    return Custody.objects.get(device=device, until__isnull=True)


def test_scanning_the_loaner_closes_repair_loan_and_ticket(desk: Desk, says: Says) -> None:
    ana = desk.person()
    device, loaner, ticket = _back_at_school(desk, ana)
    page = desk.client.get(f"/devices/{device.tag}")
    assert says(page, "Hand it back to Ana Reyes")
    assert says(page, f"Scan loaner {loaner.tag}")
    answer = desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag, grade="worn")
    assert answer.status_code == 302
    assert _custody(device).person == ana
    assert _custody(loaner).place == desk.here.places["loaner_shelf"]
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.CLOSED
    assert order_of(device.pk) is None
    assert Loan.objects.everyone(reason="a test looks").get(device_id=loaner.pk).grade == "worn"
    assert says(desk.client.get(f"/devices/{device.tag}"), "Repair, loan and ticket are closed.")


def test_another_loaner_is_refused_by_name(desk: Desk, says: Says) -> None:
    device, _loaner, _ticket = _back_at_school(desk, desk.person())
    answer = desk.post(f"/devices/{device.tag}/hand-back", loaner=desk.loaner().tag)
    assert answer.status_code == 422
    assert says(answer, "This is not the loaner that Ana Reyes has.")
    assert says(answer, "Hand it back to Ana Reyes")


def test_the_loaner_stays_out_only_for_a_reason(desk: Desk, says: Says) -> None:
    device, loaner, _ticket = _back_at_school(desk, desk.person())
    refused = desk.post(f"/devices/{device.tag}/hand-back", keeps="1", reason=" ")
    assert refused.status_code == 422
    assert says(refused, f"Scan loaner {loaner.tag} in first.")
    assert says(refused, "Must the loaner come back when the own device is handed back?")
    assert says(refused, "<details open>")
    desk.post(f"/devices/{device.tag}/hand-back", keeps="1", reason="It lies at home.")
    loan = open_loan_of(loaner.pk)
    assert loan is not None
    assert loan.kept_reason == "It lies at home."


def test_where_the_plan_does_not_ask_no_reason_is_needed(desk: Desk) -> None:
    make.decision(LOANER_AT_HAND_BACK.key, value=False)
    device, _loaner, _ticket = _back_at_school(desk, desk.person())
    assert desk.post(f"/devices/{device.tag}/hand-back", keeps="1").status_code == 302


@pytest.mark.parametrize(("rule", "status"), [("owner", 422), ("owner_or_staff", 302)])
def test_a_teacher_receives_it_only_where_the_plan_says_so(desk: Desk, says: Says, rule: str, status: int) -> None:
    make.decision(HAND_BACK_TO.key, rule)
    device, loaner, _ticket = _back_at_school(desk, desk.person())
    teacher = make.person(desk.here.site, "Tess", kind="staff")
    page = desk.client.get(f"/devices/{device.tag}?person={teacher.pk}")
    assert says(page, "Tess Reyes takes it for Ana Reyes.") == (status == 302)
    answer = desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag, person=teacher.pk)
    assert answer.status_code == status


def test_what_belongs_to_nobody_any_more_joins_the_loaners(desk: Desk, says: Says) -> None:
    device, _loaner, _ticket = _back_at_school(desk, desk.person())
    unassign(device_id=device.pk, reason="left", **desk.act())
    assert says(desk.client.get(f"/devices/{device.tag}"), "Put it on the loaner shelf")
    desk.post(f"/devices/{device.tag}/shelf")
    assert make.fresh(device).pool.site == desk.here.site


def test_the_list_shows_what_lies_here_for_whom(desk: Desk, says: Says) -> None:
    assert says(desk.client.get("/hand-back"), "Everything is with its people")
    device, loaner, _ticket = _back_at_school(desk, desk.person(grade="7"))
    page = desk.client.get("/hand-back")
    for words in (device.tag, "Ana Reyes", "grade 7", loaner.tag, "Return shelf"):
        assert says(page, words)
    desk.sign_in(desk.town.schools[1].lead)
    assert not says(desk.client.get("/hand-back"), device.tag)


def test_the_list_costs_the_same_at_any_length(desk: Desk, django_assert_max_num_queries) -> None:
    for many in (1, 3):
        for _each in range(many):
            _back_at_school(desk, desk.person())
        for view in ("", "?by=room"):
            with django_assert_max_num_queries(10):
                desk.client.get(f"/hand-back{view}")


def _identity(device: Device) -> list[str]:
    return [event.facts["identity"] for event in history(device) if event.kind == "flows.identity_checked"]


def test_where_the_plan_wants_the_badge_only_the_right_one_opens_the_hand(desk: Desk, says: Says) -> None:
    make.decision("handback.identity", "badge", desk.here.site)
    ana, ben = desk.person(), desk.person("Ben")
    device, loaner, _ticket = _back_at_school(desk, ana)
    page = f"/devices/{device.tag}"
    assert says(desk.client.get(page), "Scan the badge of Ana Reyes")
    for badge, said in (("", "Scan the badge of Ana Reyes first"), (ben.local_number, "That is not the badge of Ana")):
        answer = desk.post(f"{page}/hand-back", loaner=loaner.tag, badge=badge)
        assert answer.status_code == 422
        assert says(answer, said)
    assert _custody(device).person is None
    assert _identity(device) == []
    assert desk.post(f"{page}/hand-back", loaner=loaner.tag, badge=ana.local_number).status_code == 302
    assert _custody(device).person == ana
    assert _identity(device) == ["badge"]
    assert says(desk.client.get(f"{page}/history"), "Checked who receives it: the badge is scanned")


def test_a_printed_badge_is_read_by_its_code(desk: Desk) -> None:
    make.decision("handback.identity", "badge")
    ana = desk.person()
    device, loaner, _ticket = _back_at_school(desk, ana)
    make_badges(person_ids=[ana.pk], **desk.act())
    code = Badge.objects.get(person=ana).code
    answer = desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag, badge=f"https://help.example/b/{code}")
    assert answer.status_code == 302
    assert _identity(device) == ["badge"]


def test_where_the_plan_wants_the_name_it_is_ticked(desk: Desk, says: Says) -> None:
    make.decision("handback.identity", "name")
    ana = desk.person()
    device, loaner, _ticket = _back_at_school(desk, ana)
    assert says(desk.client.get(f"/devices/{device.tag}"), "I asked for the name: it is Ana Reyes")
    answer = desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag)
    assert answer.status_code == 422
    assert says(answer, "Ask for the name first")
    assert desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag, name_asked="1").status_code == 302
    assert _identity(device) == ["name"]


def test_where_nothing_is_decided_nothing_is_asked(desk: Desk, says: Says) -> None:
    device, loaner, _ticket = _back_at_school(desk, desk.person())
    page = desk.client.get(f"/devices/{device.tag}")
    assert not says(page, "Scan the badge of")
    assert not says(page, "I asked for the name")
    assert desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag).status_code == 302
    assert _identity(device) == []
