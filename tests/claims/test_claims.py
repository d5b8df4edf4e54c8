"""Cover on devices, claims as covered faults are found, and the list of what nobody claimed (S30, S72, S81, S82)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from firstbell.claims.actions import (
    cover_devices,
    decide_claim,
    drop_claim,
    end_cover,
    months_later,
    send_claim,
    set_terms,
)
from firstbell.claims.models import Claim, Cover, Coverage, Terms
from firstbell.claims.queries import protections
from firstbell.flows.bench import find_fault, finish
from firstbell.flows.covering import missed, propose_claim
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.jobs.drain import drain_all
from firstbell.kernel.errors import Denied, Missing
from firstbell.ledger.queries import history
from firstbell.repairs.models import WorkOrder
from tests import make
from tests.rules.town import refused
from tests.vendors.outside import BEGUN, TERMS, Outside, claim_of, outside, the_claim

pytestmark = pytest.mark.django_db
S = Claim.Status
DAY = timedelta(days=1)


@pytest.fixture
def o() -> Outside:
    made = outside()
    drain_all(at=made.w.at)
    return made


def _order(o: Outside, **cover: object) -> WorkOrder:
    """A covered device with a cracked screen on the bench."""
    order = o.w.on_bench()[0]
    o.covered(order.device, **cover)  # type: ignore[arg-type]
    return order


def _found(o: Outside, order: WorkOrder, fault: str = "screen") -> Claim | None:
    find_fault(work_order_id=order.pk, fault=fault, **o.act())
    drain_all(at=o.w.at)
    return claim_of(order)


def _draft(o: Outside, **cover: object) -> Claim:
    claim = _found(o, _order(o, **cover))
    assert claim is not None
    return claim


def test_a_draft_stands_as_soon_as_a_covered_fault_is_found(o):
    claim = _draft(o)
    assert (claim.status, claim.cause, claim.cost_cents, claim.expected_cents) == (S.DRAFT, "accidental", 5200, 5200)
    assert [row.facts["expected_cents"] for row in history(claim)] == [5200]


@pytest.mark.parametrize("fault", ["battery", "software"])
def test_what_is_not_covered_has_no_draft(o, fault):
    assert _found(o, _order(o), fault) is None


def test_a_lapsed_protection_covers_nothing(o):
    assert _found(o, _order(o, until=make.MONDAY.date())) is None
    day_longer = _order(o, until=make.MONDAY.date() + DAY)
    assert _found(o, day_longer) is not None, "the negative control"


def test_a_waiting_protection_covers_nothing_yet(o):
    waiting = replace(TERMS, waiting_days=60)
    assert _found(o, _order(o, terms=waiting)) is None


def test_another_fault_takes_the_draft_with_it_and_says_so(o):
    claim = _draft(o)
    order = claim.work_order
    assert _found(o, order, "battery") is None
    assert any(row.kind == "claims.dropped" for row in history(order.device))
    again = _found(o, order, "board")
    assert again is not None
    assert again.expected_cents == 100_00, "the board costs 155, the limit is 100"


def test_a_cause_noted_later_counts(o):
    claim = _draft(o)
    order = claim.work_order
    note_damage(device_id=order.device_id, cause=Incident.Cause.LIQUID, happened_at=order.opened_at, **o.act())
    drain_all(at=o.w.at)
    assert claim_of(order) is None


def test_sent_and_paid(o):
    claim = _draft(o)
    send_claim(claim_id=claim.pk, number="C-9", **o.act())
    with refused("paid_wrong"):
        decide_claim(claim_id=claim.pk, paid_cents=52_01, **o.act())
    decide_claim(claim_id=claim.pk, paid_cents=50_00, **o.act())
    claim.refresh_from_db()
    assert (claim.status, claim.paid_cents, claim.number) == (S.PAID, 50_00, "C-9")
    (row,) = protections([claim.device_id])[claim.device_id]
    left = row.left(make.MONDAY.date())
    assert left is not None
    assert (left.claims, left.cents) == (1, 100_00)
    with refused("claim_moved_on"):
        send_claim(claim_id=claim.pk, **o.act())


def test_refused_takes_nothing_from_the_year(o):
    claim = _draft(o)
    send_claim(claim_id=claim.pk, **o.act())
    decide_claim(claim_id=claim.pk, why_refused=Claim.Refusal.PAPERS, **o.act())
    (row,) = protections([claim.device_id])[claim.device_id]
    left = row.left(make.MONDAY.date())
    assert left is not None
    assert (left.claims, left.cents) == (2, 150_00)


def test_the_last_claim_of_a_year_asks_first(o):
    claim = _draft(o, terms=replace(TERMS, claims_a_year=1))
    assert claim.last_one
    with refused("last_claim"):
        send_claim(claim_id=claim.pk, **o.act())
    send_claim(claim_id=claim.pk, last_confirmed=True, **o.act())
    assert the_claim(claim.work_order).status == S.SENT


def test_what_was_used_up_meanwhile_is_not_claimed(o):
    claim = _draft(o, terms=replace(TERMS, claims_a_year=1))
    second = WorkOrder.objects.create(
        device_id=claim.device_id, site_id=claim.site_id, symptom="cracked", route="depot", fault="port",
        opened_at=o.w.at, closed_at=o.w.at, status="closed",
    )  # fmt: skip
    rival = propose_claim(work_order_id=second.pk, **o.act())
    assert rival is not None
    send_claim(claim_id=rival.pk, last_confirmed=True, **o.act())
    with refused("not_covered_now"):
        send_claim(claim_id=claim.pk, last_confirmed=True, **o.act())


def test_nothing_is_claimed_only_with_a_reason(o):
    claim = _draft(o)
    with refused("reason_missing_claim"):
        drop_claim(claim_id=claim.pk, why=Claim.Drop.NONE, **o.act())
    drop_claim(claim_id=claim.pk, why=Claim.Drop.SMALL, **o.act())
    assert the_claim(claim.work_order).status == S.DROPPED


def test_claims_of_another_school_are_out_of_reach(o):
    claim = _draft(o)
    stranger = make.school().lead_actor
    assert not Claim.objects.visible_to(stranger).exists()
    with pytest.raises(Missing):
        send_claim(claim_id=claim.pk, **(o.act() | {"by": stranger}))
    with pytest.raises(Missing):
        drop_claim(claim_id=claim.pk, why=Claim.Drop.SMALL, **(o.act() | {"by": stranger}))


def test_the_database_itself_keeps_a_claim_within_its_terms(o):
    claim = _draft(o)
    rows = Claim.objects.everyone(reason="a test tries").filter(pk=claim.pk)
    for wrong in ({"expected_cents": 99_999}, {"paid_cents": 1}, {"status": "paid", "paid_cents": 52_01}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


# --- Terms and devices ---------------------------------------------------------------------------------------------


def test_a_fault_keeps_the_terms_of_its_day(o):
    order = _order(o)
    cover = o_cover(order)
    set_terms(cover_id=cover.pk, terms=replace(TERMS, limit_cents=10_00), since=make.MONDAY.date() + DAY, **o.office())
    assert [row.until for row in cover.terms.order_by("since")] == [make.MONDAY.date() + DAY, None]
    claim = _found(o, order)
    assert claim is not None
    assert (claim.expected_cents, claim.terms.since) == (5200, BEGUN)
    with refused("terms_newer"):
        set_terms(cover_id=cover.pk, terms=TERMS, since=make.MONDAY.date(), **o.office())


def o_cover(order: WorkOrder) -> Cover:
    return Coverage.objects.everyone(reason="a test looks").get(device=order.device).cover


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"faults": ()}, "covers_nothing"),
        ({"causes": ()}, "covers_nothing"),
        ({"faults": ("teeth",)}, "not_an_option"),
        ({"causes": ("intent",)}, "not_an_option"),
        ({"deductible_cents": 100_00}, "limit_below_deductible"),
        ({"claims_a_year": 0}, "limit_zero"),
        ({"year_cents": 0}, "limit_zero"),
    ],
)
def test_terms_that_cover_nothing_are_refused(o, change, code):
    with refused(code):
        o.cover(replace(TERMS, **change))
    assert not Terms.objects.exists()


def test_only_the_district_sets_terms_and_gives_cover(o):
    cover = o.cover()
    with refused("cover_exists"):
        o.cover()
    device = make.device(o.w.town, o.w.here)
    lead = {"by": o.w.here.lead_actor}
    with pytest.raises(Denied):
        set_terms(cover_id=cover.pk, terms=TERMS, since=date(2027, 1, 1), **(o.act() | lead))
    with pytest.raises(Denied):
        cover_devices(cover_id=cover.pk, device_ids=[device.pk], since=BEGUN, **(o.act() | lead))


def test_cover_begins_with_each_purchase_and_lasts_for_months(o):
    bought, unknown = make.device(o.w.town, o.w.here), make.device(o.w.town, o.w.here)
    type(bought).objects.everyone(reason="a test sets it").filter(pk=bought.pk).update(purchased_on=date(2026, 1, 31))
    cover = o.cover()
    with refused("no_purchase_day"):
        cover_devices(cover_id=cover.pk, device_ids=[bought.pk, unknown.pk], months=13, **o.office())
    cover_devices(cover_id=cover.pk, device_ids=[bought.pk], months=13, **o.office())
    row = Coverage.objects.everyone(reason="a test looks").get(device=bought)
    assert (row.since, row.until, row.last_day) == (date(2026, 1, 31), date(2027, 2, 28), date(2027, 2, 27))
    with refused("nobody_to_cover"):
        cover_devices(cover_id=cover.pk, device_ids=[bought.pk], since=date(2026, 6, 1), **o.office())
    cover_devices(cover_id=cover.pk, device_ids=[bought.pk], since=date(2027, 2, 28), **o.office())


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
    ],
)
def test_months_end_on_the_last_day_where_there_is_none_of_that_number(day, months, then):
    assert months_later(day, months) == then


def test_cover_ends_but_not_under_a_claim(o):
    claim = _draft(o)
    coverage = claim.coverage
    with refused("cover_used"):
        end_cover(coverage_id=coverage.pk, until=make.MONDAY.date(), **o.act())
    end_cover(coverage_id=coverage.pk, until=make.MONDAY.date() + 5 * DAY, **o.act())
    with refused("ended_before"):
        end_cover(coverage_id=coverage.pk, until=make.MONDAY.date() + 9 * DAY, **o.act())


# --- What nobody claimed -------------------------------------------------------------------------------------------


def _missed(o: Outside) -> list[tuple[str, int]]:
    return [(row.order.device.tag, row.verdict.pays) for row in missed(by=o.w.by, since=BEGUN)]


def test_a_covered_repair_that_nobody_claimed_is_listed_until_somebody_does(o):
    order, plain = o.w.on_bench(2)
    for row in (order, plain):
        finish(work_order_id=row.pk, fault="screen", **o.act())
    drain_all(at=o.w.at)
    assert _missed(o) == []
    o.covered(order.device)  # entered afterwards, as covers often are
    assert _missed(o) == [(order.device.tag, 5200)]
    claim = propose_claim(work_order_id=order.pk, **o.act())
    assert _missed(o) == [(order.device.tag, 5200)], "a draft is no claim yet"
    assert claim is not None
    send_claim(claim_id=claim.pk, **o.act())
    assert _missed(o) == []


def test_a_draft_that_was_dropped_for_a_reason_is_not_missed(o):
    order = _order(o)
    finish(work_order_id=order.pk, fault="screen", **o.act())
    drain_all(at=o.w.at)
    assert _missed(o) == [(order.device.tag, 5200)]
    claim = claim_of(order)
    assert claim is not None
    drop_claim(claim_id=claim.pk, why=Claim.Drop.DISTRICT, **o.act())
    assert _missed(o) == []


def test_missed_claims_of_another_school_are_nobodys_business(o):
    order = _order(o)
    finish(work_order_id=order.pk, fault="screen", **o.act())
    assert missed(by=make.school().lead_actor, since=BEGUN) == []


@pytest.mark.parametrize("number", [1, 6])
def test_the_list_takes_few_queries_whatever_its_length(o, number, django_assert_max_num_queries):
    orders = o.w.on_bench(number)
    for order in orders:
        finish(work_order_id=order.pk, fault="screen", **o.act())
    o.covered(*[order.device for order in orders])
    with django_assert_max_num_queries(5):
        assert len(_missed(o)) == number
