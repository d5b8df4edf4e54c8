"""A vendor's list is looked through first; taken over it does what the same news by hand would do (S85)."""

import pytest

from firstbell.devices.models import Custody
from firstbell.devices.queries import differences
from firstbell.flows.vendor_news import What, look_through, take_feed
from firstbell.jobs.daily import tell_of_the_day
from firstbell.kernel.errors import Denied
from firstbell.ledger.queries import history
from firstbell.notices.models import Notice
from firstbell.vendors.actions import keep_feed, map_word
from firstbell.vendors.models import Feed, VendorStatus
from firstbell.vendors.queries import unmapped
from tests import make
from tests.rules.town import refused
from tests.vendors.outside import Outside, box_back, fresh, outside
from tests.web.depot.world import custody

pytestmark = pytest.mark.django_db
V = VendorStatus


@pytest.fixture
def o() -> Outside:
    made = outside()
    for word, means in (("received", V.RECEIVED), ("in repair", V.WORKING), ("shipped", V.SENT_BACK)):
        map_word(vendor_id=made.vendor.pk, word=word, means=means, **made.act())
    return made


def _feed(o: Outside, *rows: dict[str, str]) -> Feed:
    return keep_feed(vendor_id=o.vendor.pk, rows=list(rows), **o.act())


def test_each_line_says_what_would_become_of_it_and_nothing_is_changed(o):
    case, other = o.sent(number="1042"), o.sent(number="1043")
    waiting = o.case(o.w.on_bench()[0], number="1044")
    feed = _feed(
        o,
        {"number": " 1042 ", "status": "In Repair", "promised": "2026-10-02"},
        {"serial": other.device.serial, "status": "At station 9"},
        {"tag": case.device.tag, "status": "Shipped"},
        {"number": "9999", "status": "Shipped"},
        {"number": "1044", "status": "Received"},
    )
    lines = look_through(feed, by=o.w.by)
    assert [line.what for line in lines] == [What.NEWS, What.UNMAPPED, What.TWICE, What.UNKNOWN, What.NOT_SENT]
    assert lines[0].case == case
    assert fresh(case).heard == fresh(waiting).heard == ""
    assert custody(case.device).kind == Custody.Kind.SHIPMENT


def test_taken_over_custody_follows_and_what_nobody_knows_is_listed(o):
    case, other = o.sent(number="1042"), o.sent(number="1043")
    feed = _feed(
        o,
        {"number": "1042", "status": "Shipped", "tracking": "BACK-7", "carrier": "UPS"},
        {"number": "1043", "status": "At station 9"},
        {"number": "9999", "status": "Shipped"},
    )
    take_feed(feed_id=feed.pk, **o.act())
    assert box_back(case).parcel.number == "BACK-7"
    assert custody(case.device).shipment == fresh(case).back
    assert [row["heard"] for row in unmapped(by=o.w.by)] == ["at station 9"]
    assert custody(other.device).kind == Custody.Kind.SHIPMENT
    assert (history(feed)[0].facts["taken"], history(feed)[0].facts["left_out"]) == (2, 1)
    with refused("feed_taken"):
        take_feed(feed_id=feed.pk, **o.act())
    assert [line.what for line in look_through(_feed(o, *feed.rows[:2]), by=o.w.by)] == [What.SAME, What.SAME]
    assert differences() == []


def test_a_line_that_no_longer_fits_takes_the_others_along(o):
    case, other = o.sent(number="1042"), o.sent(number="1043")
    feed = _feed(o, {"number": "1042", "tracking": "only a number"}, {"number": "1043", "status": "Received"})
    take_feed(feed_id=feed.pk, **o.act())
    assert fresh(case).heard == ""
    assert custody(other.device).site == o.vendor
    assert custody(other.device).kind == Custody.Kind.PLACE


def test_a_school_hands_no_list_in_and_an_empty_one_is_refused(o):
    with pytest.raises(Denied):
        keep_feed(vendor_id=o.vendor.pk, rows=[{"number": "1"}], **(o.act() | {"by": o.w.here.lead_actor}))
    with refused("feed_empty"):
        _feed(o)


def test_what_is_overdue_is_told_once_a_day_to_who_looks_after_it(o):
    o.says(days="4")
    o.sent()
    o.sent()
    for _ in range(2):
        tell_of_the_day(o.w.later(days=7))
        tell_of_the_day(o.w.later(hours=1))
    told = Notice.objects.everyone(reason="a test looks").filter(kind=Notice.Kind.VENDOR_OVERDUE)
    assert {(row.site, row.number) for row in told} == {(o.w.town.depot, 2)}
    per_user = [told.filter(user=user).count() for user in {row.user for row in told}]
    assert set(per_user) == {2}, "one for each of the two days"


def test_before_the_day_nobody_is_told(o):
    o.says(days="5")
    o.sent()
    tell_of_the_day(make.MONDAY.replace(day=21))
    assert not Notice.objects.everyone(reason="a test looks").filter(kind=Notice.Kind.VENDOR_OVERDUE).exists()
