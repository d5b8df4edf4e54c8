"""Why a pick-up or a return was late: written down by who knows, told in the figures (S52, S53)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from firstbell.flows.transport import empty_box, note_failed_visit
from firstbell.kernel.errors import Missing, Refused
from firstbell.ledger.queries import replay
from firstbell.repairs.actions import explain_delay
from firstbell.repairs.models import Delay
from firstbell.repairs.queries import order_of
from tests import make
from tests.web.board.test_district import office, shown
from tests.web.board.test_figures import cells
from tests.web.depot.world import World, form, signed_in, world

pytestmark = pytest.mark.django_db
WEEK_LATER = make.MONDAY + timedelta(days=7)


@pytest.fixture
def w() -> World:
    return world(2)


def _orders(w: World, count: int = 2, school: int = 0) -> list[int]:
    devices = w.boxed(count, w.town.schools[school])
    return [order.pk for order in map(order_of, [device.pk for device in devices]) if order]


def _page(w: World, user: Any, at: datetime = WEEK_LATER, query: str = "") -> str:
    with time_machine.travel(at, tick=False):
        return signed_in(user).get(f"/late{query}").content.decode()


def _explain(w: World, user: Any, *legs: str, why: str = "no_room", note: str = "") -> Any:
    with time_machine.travel(WEEK_LATER, tick=False):
        return signed_in(user).post("/late/reasons", form(leg=list(legs), why=why, note=note))


def test_late_pick_ups_are_listed_explained_together_and_counted(w: World) -> None:
    first, second = _orders(w)
    assert "Nothing was late" in _page(w, w.here.lead, w.at)
    page = _page(w, w.here.lead)
    assert "2 late pick-ups and returns have no reason yet." in page
    assert page.count("and still runs") == 2
    answer = _explain(w, w.here.lead, f"pickup:{first}", f"pickup:{second}", why="weather", note="Snow")
    assert answer.status_code == 302
    page = _page(w, w.here.lead)
    assert page.count("Weather or traffic") == 3, "two rows and the choice"
    assert "no reason yet" not in page
    told = [event.facts for event in replay() if event.kind == "repairs.delay_explained"]
    assert [(one["work_order_id"], one["leg"], one["delay"]) for one in told] == [
        (first, "pickup", "weather"), (second, "pickup", "weather")
    ]  # fmt: skip
    assert "Snow" not in str(told)
    figures = shown(office(), "/figures/repairs", at=WEEK_LATER)
    assert "100% of late pick-ups and returns have a reason on record" in figures
    assert cells(figures.split('id="delays"')[1], "Weather or traffic") == ["2", "0"]


def test_a_return_that_was_late_is_explained_by_the_depot(w: World) -> None:
    (order,) = w.checked(1)
    page = _page(w, w.tech, w.at + timedelta(days=7))
    assert f'value="return:{order.pk}"' in page
    assert f'value="pickup:{order.pk}"' not in page, "that one was in time"
    explain_delay(legs=[(order.pk, "return")], why="not_scanned", by=w.by, at=w.at, op=make.op())
    assert "It went, but was not scanned" in _page(w, w.tech, w.at + timedelta(days=7))


def test_what_somebody_wrote_counts_before_what_the_record_suggests(w: World) -> None:
    (order,) = _orders(w, 1)
    box = w.here.places["pickup_box"].pk
    note_failed_visit(place_id=box, reason="nobody", by=w.by, at=w.at + timedelta(days=1), op=make.op())
    assert "Nobody was there" in _page(w, w.here.lead)
    _explain(w, w.here.lead, f"pickup:{order}", why="overlooked")
    assert "Nobody was there" not in _page(w, w.here.lead)
    _explain(w, w.here.lead, f"pickup:{order}", why="shut")
    assert Delay.objects.get().why == "shut", "the last word counts"


def test_nobody_explains_for_another_school(w: World) -> None:
    (mine,), (other,) = _orders(w, 1), _orders(w, 1, school=1)
    assert f"pickup:{other}" not in _page(w, w.here.lead)
    assert _explain(w, w.here.lead, f"pickup:{mine}", f"pickup:{other}").status_code == 404
    assert not Delay.objects.exists(), "nothing of it stays"
    with pytest.raises(Missing):
        explain_delay(legs=[(other, "pickup")], why="shut", by=w.here.lead_actor, at=w.at, op=make.op())


@pytest.mark.parametrize(
    ("legs", "why", "said"),
    [
        ([], "no_room", "Tick what you give the reason for."),
        (["pickup"], "", "Choose why it was late."),
        (["pickup"], "because", "Choose why it was late."),
        (["pickup"], "other", "Say in a few words what the other reason was."),
        (["lunch"], "no_room", "Tick what you give the reason for."),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_the_ticks(w: World, legs: list[str], why: str, said: str) -> None:
    (order,) = _orders(w, 1)
    answer = _explain(w, w.here.lead, *[f"{leg}:{order}" for leg in legs], why=why)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert (f'id="leg-pickup:{order}" checked' in page) is (legs == ["pickup"])
    assert not Delay.objects.exists()


def test_a_leg_that_is_none_is_refused_by_the_verb(w: World) -> None:
    (order,) = _orders(w, 1)
    with pytest.raises(Refused, match="no_legs"):
        explain_delay(legs=[(order, "lunch")], why="shut", by=w.here.lead_actor, at=w.at, op=make.op())


def test_one_school_of_many_can_be_chosen_and_the_list_downloaded(w: World) -> None:
    (mine,), (other,) = _orders(w, 1), _orders(w, 1, school=1)
    page = _page(w, w.tech, query=f"?site={w.here.site.pk}")
    assert f"pickup:{mine}" in page
    assert f"pickup:{other}" not in page
    with time_machine.travel(WEEK_LATER, tick=False):
        sheet = signed_in(w.tech).get("/exports/late?form=csv")
    assert b"".join(sheet).count(b"\n") >= 3 if sheet.streaming else sheet.content.count(b"\n") >= 3


def test_what_ended_long_ago_is_not_shown_any_more(w: World) -> None:
    _orders(w, 1)
    empty_box(place_id=w.here.places["pickup_box"].pk, by=w.by, at=w.at + timedelta(days=6), op=make.op())
    assert "Nothing was late" not in _page(w, w.here.lead)
    assert "Nothing was late" in _page(w, w.here.lead, w.at + timedelta(days=21))
