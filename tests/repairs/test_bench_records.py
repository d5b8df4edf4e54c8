"""What a repair leaves on record: the part from stock, each person's minutes, photos, what it cost."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from firstbell.connectors.photos import LONGEST_SIDE, NotAPicture, make_anew
from firstbell.directory.queries import actor_for
from firstbell.flows.bench import finish, give_up
from firstbell.flows.beyond import harvest, recycle
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.jobs.schedule import tidy
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.ledger.queries import events_of
from firstbell.measures.costs import cost_by, fleet, hour_cents, mended
from firstbell.measures.reach import reach_of
from firstbell.parts.actions import correct_parts, make_kind, receive_parts
from firstbell.parts.models import PartKind, PartStock
from firstbell.parts.queries import differences
from firstbell.repairs import files
from firstbell.repairs.actions import Picture, keep_photo, log_work, remove_photo
from firstbell.repairs.models import Labour, Photo, WorkOrder
from firstbell.repairs.queries import worked_on
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.depot.world import World, fresh, ticket_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return world()


def act(w: World, **more: Any) -> dict[str, Any]:
    return {"by": w.by, "at": w.later(minutes=1), "op": make.op()} | more


def kind_of(w: World, sort: str = "screen", cents: int = 4_100) -> PartKind:
    name = f"{sort} {w.town.model}"
    return make_kind(sort=sort, name=name, price_cents=cents, model_ids=[w.town.model.pk], **make.system())


def stock_of(w: World, kind: PartKind, pieces: int) -> PartStock:
    return receive_parts(kind_id=kind.pk, place_id=w.town.bench.pk, pieces=pieces, **act(w))


def left(stock: PartStock) -> int:
    return PartStock.objects.everyone(reason="a test looks").get(pk=stock.pk).count


# --- Parts ---------------------------------------------------------------------------------------------------------


def test_a_repair_takes_its_part_from_the_stock_at_its_price(w: World) -> None:
    stock = stock_of(w, kind_of(w), 2)
    order = finish(work_order_id=w.on_bench()[0].pk, fault="screen", **act(w))
    part = order.parts.get()
    assert part.taken is not None
    assert (part.unit_cents, part.taken.reason, part.taken.device_id) == (4_100, "used", order.device_id)
    assert left(stock) == 1
    assert differences() == []


def test_a_part_that_is_not_there_is_counted_or_came_from_elsewhere(w: World) -> None:
    stock, order = stock_of(w, kind_of(w), 1), w.on_bench()[0]
    correct_parts(stock_id=stock.pk, counted=0, **act(w))
    with pytest.raises(Stale) as told:
        finish(work_order_id=order.pk, fault="screen", **act(w))
    assert told.value.code == "part_not_there"
    assert fresh(order).status == WorkOrder.Status.OPENED
    done = finish(work_order_id=order.pk, fault="screen", elsewhere=True, **act(w))
    assert (done.parts.get().taken, left(stock)) == (None, 0)


def test_where_no_stock_is_kept_nothing_is_asked(w: World) -> None:
    stock_of(w, kind_of(w, "battery"), 1)
    assert finish(work_order_id=w.on_bench()[0].pk, fault="screen", **act(w)).parts.get().unit_cents == 5_200


# --- Labour --------------------------------------------------------------------------------------------------------


def test_minutes_are_kept_by_person_and_add_up(w: World) -> None:
    order = w.on_bench()[0]
    second = actor_for(w.checker, at=w.at)
    log_work(work_order_id=order.pk, minutes=12, **act(w, by=second))
    done = finish(work_order_id=order.pk, fault="screen", minutes=30, **act(w))
    assert done.minutes == sum(Labour.objects.values_list("minutes", flat=True)) == 42
    assert worked_on(done) == [("tech", 30), ("second", 12)]


@pytest.mark.parametrize("minutes", [0, -5, 2_000])
def test_minutes_that_cannot_be_are_refused(w: World, minutes: int) -> None:
    with pytest.raises(Refused):
        log_work(work_order_id=w.on_bench()[0].pk, minutes=minutes, **act(w))
    assert not Labour.objects.exists()


# --- Photos --------------------------------------------------------------------------------------------------------


def picture(size: tuple[int, int] = (80, 60), kind: str = "JPEG") -> bytes:
    out, exif = BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = "Secret camera", 6  # maker; turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", size, "red").save(out, kind, exif=exif, quality=90)
    return out.getvalue()


def test_a_photo_is_made_anew_upright_small_and_bare() -> None:
    raw = picture((4000, 3000))
    assert b"Secret camera" in raw
    made = make_anew(raw)
    assert (made.width, made.height) == (1200, LONGEST_SIDE)
    with Image.open(BytesIO(made.content)) as opened:
        assert (opened.format, dict(opened.getexif())) == ("WEBP", {})
        assert not {"exif", "icc_profile", "xmp"} & set(opened.info)
    assert b"Secret" not in made.content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable"),
        (b"<svg onload='alert(1)'/>", "unreadable"),
        (b"GIF89a" + b"\0" * 40, "unreadable"),
        (picture()[:200], "unreadable"),
        (b"\xff\xd8" + b"\0" * 13_000_000, "too_big"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(NotAPicture) as told:
        make_anew(content)
    assert told.value.code == code


def test_a_picture_of_too_many_dots_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firstbell.connectors.photos.MOST_DOTS", 100)
    with pytest.raises(NotAPicture) as told:
        make_anew(picture())
    assert told.value.code == "too_many_dots"


def _photo(w: World, order: WorkOrder, when: Photo.When = Photo.When.BEFORE) -> Photo:
    made, op = make_anew(picture()), make.op()
    kept = Picture(files.keep(made.content, op), made.width, made.height)
    return keep_photo(work_order_id=order.pk, when=when, picture=kept, by=w.by, at=w.at, op=op)


def test_a_photo_goes_when_it_is_removed(w: World) -> None:
    photo = _photo(w, w.on_bench()[0])
    assert files.path_of(photo.file).exists()
    with pytest.raises(Missing):
        remove_photo(photo_id=photo.pk, **act(w, by=make.school("Elsewhere").lead_actor))
    remove_photo(photo_id=photo.pk, **act(w))
    assert not Photo.objects.exists()
    assert not files.path_of(photo.file).exists()


def test_photos_go_with_time_and_strays_with_them(w: World) -> None:
    order = w.on_bench()[0]
    photo, stray = _photo(w, order), files.keep(b"left behind", make.op())
    WorkOrder.objects.everyone(reason="a test").filter(pk=order.pk).update(closed_at=w.at)
    tidy(w.at + timedelta(days=364))
    assert Photo.objects.count() == 1
    make.decision("repair.photo_days", 30)
    tidy(w.at + timedelta(days=31))
    assert not Photo.objects.exists()
    assert not files.path_of(photo.file).exists()
    tidy(w.at + timedelta(days=2_000))
    assert not files.path_of(stray).exists()


def test_twelve_photos_are_enough(w: World) -> None:
    order = w.on_bench()[0]
    for number in range(12):
        Photo.objects.create(work_order=order, when="before", file=str(number), width=1, height=1, taken_at=w.at)
    with pytest.raises(Refused) as told:
        _photo(w, order)
    assert told.value.code == "too_many_photos"


def test_the_plan_may_want_photos_on_record(w: World) -> None:
    make.decision("repair.fields", ["fault", "photos"])
    order = w.on_bench()[0]
    _photo(w, order)
    with pytest.raises(Refused) as told:
        finish(work_order_id=order.pk, fault="screen", **act(w))
    assert told.value.code == "record_incomplete"
    _photo(w, order, Photo.When.AFTER)
    assert finish(work_order_id=order.pk, fault="screen", **act(w)).status == WorkOrder.Status.REPAIRED


# --- Beyond repair -------------------------------------------------------------------------------------------------


def _given_up(w: World) -> WorkOrder:
    return give_up(work_order_id=w.on_bench()[0].pk, **act(w))


def test_good_parts_go_into_stock_and_the_owner_is_not_forgotten(w: World) -> None:
    order, screen, battery = _given_up(w), kind_of(w), kind_of(w, "battery")
    content: dict[str, Any] = {"kind_ids": (screen.pk, battery.pk), "place_id": w.town.bench.pk, "reason": "board"}
    harvest(work_order_id=order.pk, **content, **act(w))
    done = fresh(order)
    assert (done.status, done.outcome, done.device.status) == (WorkOrder.Status.CLOSED, "harvested", "retired")
    assert sum(row.count for row in PartStock.objects.everyone(reason="a test looks")) == 2
    ticket = ticket_of(done.device)
    assert (ticket.status, ticket.level, ticket.waiting_on) == ("waiting", 2, Ticket.WaitingOn.DECISION)
    (asked,) = events_of("repairs.replacement_asked")
    assert asked.facts["ticket_id"] == ticket.pk
    assert differences() == []


def test_a_closed_ticket_gets_a_new_one_in_its_place(w: World) -> None:
    order = _given_up(w)
    Ticket.objects.everyone(reason="a test").filter(pk=order.ticket_id or 0).update(status="closed", closed_at=w.at)
    recycle(work_order_id=order.pk, reason="not safe", **act(w))
    tickets = list(Ticket.objects.everyone(reason="a test looks").filter(device=order.device_id).order_by("pk"))
    assert [ticket.status for ticket in tickets] == ["closed", "waiting"]
    assert tickets[1].person == w.people[0]
    assert fresh(order).outcome == "recycled"


def test_nothing_is_harvested_from_what_can_be_repaired(w: World) -> None:
    order, kind = w.on_bench()[0], kind_of(w)
    with pytest.raises(Refused) as told:
        harvest(work_order_id=order.pk, kind_ids=(kind.pk,), place_id=w.town.bench.pk, reason="", **act(w))
    assert told.value.code == "not_given_up"
    assert not PartStock.objects.everyone(reason="a test looks").exists()


@pytest.mark.parametrize(("kinds", "code"), [("none", "nothing_harvested"), ("other", "does_not_fit")])
def test_only_parts_that_were_in_it_come_out_of_it(w: World, kinds: str, code: str) -> None:
    order = _given_up(w)
    other = make_kind(sort="screen", name="Other", model_ids=[make.district().model.pk], **make.system())
    chosen = (other.pk,) if kinds == "other" else ()
    with pytest.raises(Refused) as told:
        harvest(work_order_id=order.pk, kind_ids=chosen, place_id=w.town.bench.pk, reason="", **act(w))
    assert told.value.code == code
    assert fresh(order).status == WorkOrder.Status.BEYOND_REPAIR


# --- What it cost --------------------------------------------------------------------------------------------------


def test_costs_by_model_fault_and_cause(w: World) -> None:
    make.decision("repair.hour_dollars", 30)
    order = w.on_bench()[0]
    damage: dict[str, Any] = {"device_id": order.device_id, "cause": Incident.Cause.LIQUID, "happened_at": w.at}
    incident = note_damage(**damage, **act(w))
    Incident.objects.everyone(reason="a test").filter(pk=incident.pk).update(ticket=order.ticket_id)
    finish(work_order_id=order.pk, fault="screen", minutes=20, **act(w))
    reach = reach_of(w.town.office)
    rows = mended(reach, w.at - timedelta(days=1), w.at + timedelta(days=1))
    (cost,) = cost_by(rows, lambda row: (row.model_id, row.fault, row.cause), hour_cents()).items()
    assert cost[0] == (w.town.model.pk, "screen", "liquid")
    assert (cost[1].parts_cents, cost[1].work_cents, cost[1].cents, cost[1].each) == (5_200, 1_000, 6_200, 6_200)
    assert fleet(reach) == {w.town.model.pk: 1}
    assert mended(reach, w.at + timedelta(days=1), w.at + timedelta(days=2)) == []
