"""What each code of this connector means and what to do, in English. Placeholders are the problem's facts."""

from collections.abc import Mapping
from types import MappingProxyType


def _(sentence: str) -> str:
    """Mark a sentence for the translators; whoever shows it puts it into the reader's language."""
    return sentence


_FILE = {
    "file.empty": _("The file is empty."),
    "file.binary": _("This is neither text nor an .xlsx workbook."),
    "file.encoding": _("The letters of this file can't be told. Save it as CSV UTF-8."),
    "file.old_excel": _(
        "This is an old .xls workbook, or one with a password. Save it as .xlsx without one, or as CSV."
    ),
    "file.bomb": _("Unpacked, the workbook would be far larger than a list of devices is. Save it as CSV."),
    "file.damaged": _("The workbook is damaged. Open it and save it again."),
    "file.no_workbook": _("This zip holds no workbook. Unpack it and hand in one list after the other."),
    "file.no_sheet": _("The workbook has no such sheet."),
    "file.too_many_cells": _("The sheet spreads over more than {limit} cells. Save it as CSV."),
    "file.cell_too_large": _("A cell here is longer than {limit} characters. A quote above was probably never closed."),
    "file.quote_open": _(
        "A quote that opens in this row is never closed, so that all below would be one cell. Close it, or take it out."
    ),
    "header.missing": _("None of the first 20 rows names a column for asset tag or serial number. Map the columns."),
    "header.twice": _("Two columns have this name. Rename one, so that it is clear which one counts."),
}

_ROW = {
    "row.too_long": _("The row has more cells than the header. A comma inside a cell may want quotes."),
    "row.too_short": _("The row breaks over several lines and lacks cells. A quote was probably never closed."),
    "row.no_identity": _("The row has neither an asset tag nor a serial number that can be read."),
    "tag.repeated": _("Row {other} has the same asset tag. Neither is taken until it is clear which one is right."),
    "serial.repeated": _(
        "Row {other} has the same serial number. Neither is taken until it is clear which one is right."
    ),
}

_CELL = {
    "cell.excel_error": _("The cell holds an error of Excel (such as #N/A), not a value."),
    "cell.line_break": _("The cell breaks over several lines."),
    "cell.control_character": _("The cell holds a character that no text has. The file may be damaged."),
    "cell.too_long": _("The cell is longer than {limit} characters."),
    "cell.scientific": _(
        "Excel has been there: the number was shortened (6.37E+15) and its end is lost. Take it "
        "from the source and format the column as text."
    ),
    "cell.excel_date": _(
        "Excel has been there: the identifier became a date (12-Sep). Take it from the source "
        "and format the column as text."
    ),
    "cell.placeholder": _("The cell only says that nothing is known; it is taken as empty."),
    "date.ambiguous": _(
        "Day and month can't be told apart here. Say which comes first in this file, or use YYYY-MM-DD."
    ),
    "date.unclear": _("This is no date that can be read. Use YYYY-MM-DD."),
    "price.unclear": _("This is no price that can be read without doubt. Use 1234.50."),
    "price.too_large": _("The price is above {limit}. Is it the price of one device?"),
    "warranty.unclear": _("The warranty must be a number of months."),
    "imei.length": _("An IMEI has 15 digits."),
    "imei.check_digit": _("The check digit of this IMEI is wrong: a digit was mistyped."),
    "iccid.form": _("A SIM number (ICCID) has 18 to 20 digits and starts with 89."),
    "iccid.check_digit": _("The check digit of this SIM number does not fit: it was left out, or a digit mistyped."),
    "mdn.form": _("This is not a telephone number of ten digits, nor an international one with + in front."),
    "eid.form": _("An EID has 32 digits."),
    "eid.check_digit": _("The check digits of this EID are wrong: a digit was mistyped."),
    "owner.not_an_email": _("This is not an e-mail address."),
    "owner.looks_like_a_name": _(
        "People are never matched by name: give a student or staff number, an e-mail or a user name."
    ),
}

SENTENCES: Mapping[str, str] = MappingProxyType({**_FILE, **_ROW, **_CELL})
