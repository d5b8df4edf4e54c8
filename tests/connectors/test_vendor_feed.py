"""What vendors write is read by the names of its columns or labels; nothing else of it is kept."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.connectors.vendor_feed import NotAFeed, read_feed, read_mail

LIST = """RMA #,Serial Number,Customer,Status,ETA,Return Tracking
1042,SN001,Ana Reyes,In Repair,10/02/2026,
1043,SN002,Malik Johnson,Shipped,,1Z 999
,,Nobody,Shipped,,
1044,SN003,Linh,,,
"""


def test_columns_are_known_by_their_names_and_names_of_people_are_not_kept():
    rows = read_feed(LIST.encode())
    assert rows == [
        {"number": "1042", "serial": "SN001", "status": "In Repair", "promised": "2026-10-02"},
        {"number": "1043", "serial": "SN002", "status": "Shipped", "tracking": "1Z 999"},
    ]
    assert "Reyes" not in str(rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_delimiter_and_encoding_are_found_out(delimiter, encoding):
    text = delimiter.join(["Case No", "Estado"]) + "\n" + delimiter.join(["C-1", "en reparación"])
    assert read_feed(text.encode(encoding)) == [{"number": "C-1", "status": "en reparación"}]


@pytest.mark.parametrize(
    "data",
    [b"", b"Serial\nSN1", b"Status\nDone", b"name,phone\nAna,555", b"\x00\x01\x02", b'RMA,Status\n1,"open \x00'],
)
def test_what_is_no_list_is_refused_or_empty(data):
    with suppress(NotAFeed):
        assert read_feed(data) == [] or "RMA" in data.decode("cp1252")


@pytest.mark.parametrize(("cell", "day"), [("2026-10-02", "2026-10-02"), ("3/4/2026", "2026-03-04"), ("soon", None)])
def test_days_are_read_month_first_where_they_could_be_read_both_ways(cell, day):
    (row,) = read_feed(f"RMA,Status,Due Date\n1,ok,{cell}".encode())
    assert row.get("promised") == day


MAIL = """Dear customer,

your repairs at a glance:
> RMA: 1042
> Serial No.: SN001
> Status: Waiting for parts
> ETA: 2026-10-02

RMA #: 1043
Status = Shipped
Tracking Number: 1Z999
Kind regards: RepairCo
"""


def test_a_mail_is_read_by_its_labels():
    assert read_mail(MAIL) == [
        {"number": "1042", "serial": "SN001", "status": "Waiting for parts", "promised": "2026-10-02"},
        {"number": "1043", "status": "Shipped", "tracking": "1Z999"},
    ]


def test_a_mail_that_names_nothing_says_nothing():
    assert read_mail("Hello,\nall is well.\nStatus: fine") == []


@given(st.text())
def test_any_mail_can_be_read(text):
    for row in read_mail(text):
        assert set(row) <= {"number", "serial", "tag", "status", "promised", "tracking", "carrier"}


@given(st.binary(max_size=400))
def test_any_file_is_read_or_refused(data):
    with suppress(NotAFeed):
        read_feed(data)
