"""What a repair vendor writes about devices: a list with a header, or the text of a mail with labels.

There is no common form; columns and labels are known by their names. Nothing but the short fields below is kept.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

from firstbell.connectors.days import DayOrder, parse_day
from firstbell.connectors.problems import Unreadable

LABELS = {
    "number": "rma rmano rmanumber rmaid caseno casenumber caseid case job jobno jobnumber jobref reference ref order "
    "orderno workorder servicerequest srnumber ticketnumber númerodecaso caso",
    "serial": "serial serialno serialnumber sn deviceserial númerodeserie serie",
    "tag": "tag assettag asset assetno assetnumber etiqueta",
    "status": "status state repairstatus casestatus rmastatus stage estado",
    "promised": "eta promised promiseddate due duedate expected expecteddate estimatedreturn estimatedcompletion "
    "completionby fechaprometida",
    "tracking": "tracking trackingno trackingnumber returntracking trackingin trackingback waybill awb númerodeguía",
    "carrier": "carrier shipper shippedvia transportista",
}
FIELDS = {name: field for field, names in LABELS.items() for name in names.split()}
WHO = ("number", "serial", "tag")
LONGEST = {"status": 60, "carrier": 40}
MOST = 20_000
Row = dict[str, str]


class NotAFeed(ValueError):
    """Nothing in it names a case or a device together with a status."""


def read_feed(data: bytes) -> list[Row]:
    """Return the rows of a list: each names a case or device, with a word, a day or a tracking number."""
    text = _decoded(data)
    head = text.partition("\n")[0]
    delimiter = max(",;\t|", key=head.count)
    table = csv.reader(StringIO(text), delimiter=delimiter)
    try:
        columns = [FIELDS.get(_plain(cell)) for cell in next(table, [])]
        if "status" not in columns or not set(WHO) & set(columns):
            raise NotAFeed
        rows = [_row(zip(columns, cells, strict=False)) for cells, _n in zip(table, range(MOST), strict=False)]
    except csv.Error as error:
        raise NotAFeed from error
    return [row for row in rows if _says_something(row)]


def read_mail(text: str) -> list[Row]:
    """Return what a mail says in lines such as "RMA: 1042" and "Status: Repaired"; a case begins with its number."""
    rows: list[Row] = [{}]
    for field, value in _labelled(text):
        if field in WHO and (field in rows[-1] or "status" in rows[-1]):
            rows.append({})
        rows[-1] |= _row([(field, value)])
    return [row for row in rows if _says_something(row)]


_LABELLED = re.compile(r"^[\s>*\-]*([\w .#/]{2,30}?)\s*[:=#]+\s*(\S.*?)\s*$")


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines()[:MOST]:
        found = _LABELLED.match(line)
        field = FIELDS.get(_plain(found[1])) if found else None
        if found and field:
            yield field, found[2]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _plain(cell: str) -> str:
    return "".join(letter for letter in cell.casefold() if letter.isalnum())


def _row(cells: Iterable[tuple[str | None, str]]) -> Row:
    found: Row = {}
    for field, cell in cells:
        value = " ".join(cell.split())
        if field and value and field not in found:
            found[field] = _day(value) if field == "promised" else value[: LONGEST.get(field, 60)]
    return {field: value for field, value in found.items() if value}


def _day(cell: str) -> str:
    """Return a day as 2026-11-25, month first where it could be read both ways; nothing for what is no day."""
    for order in (None, DayOrder.MONTH_FIRST):
        try:
            return parse_day(cell, order).isoformat()
        except Unreadable:
            continue
    return ""


def _says_something(row: Row) -> bool:
    return bool(set(WHO) & row.keys()) and bool({"status", "promised", "tracking"} & row.keys())
