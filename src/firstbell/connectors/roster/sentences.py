"""What each code of this connector means and what to do, in English. Placeholders are the problem's facts."""

from collections.abc import Mapping
from types import MappingProxyType

from firstbell.connectors.zips import ZIP_SENTENCES

_PACKAGE = {
    "package.missing_manifest": "The zip holds no manifest.csv, so this is not a OneRoster export.",
    "package.unknown_file": "This file does not belong to a OneRoster export.",
    "package.duplicate_file": "The zip holds this file twice.",
    "package.nested_folder": "This file lies in a folder inside the zip; the standard wants it at the top.",
    "package.file_name_case": "The name of this file is written with other capitals than the standard's.",
    "manifest.invalid_header": "The first line of manifest.csv must be: propertyName,value.",
    "manifest.row_width_mismatch": "A line of manifest.csv must have two cells.",
    "manifest.duplicate_property": "This line of manifest.csv repeats a property.",
    "manifest.unknown_property": "This line of manifest.csv names a property that the standard does not know.",
    "manifest.missing_property": "manifest.csv does not mention {file}.",
    "manifest.invalid_file_mode": "manifest.csv must call {file} bulk, delta or absent.",
    "manifest.unsupported_version": "manifest.version must be 1.0.",
    "manifest.unsupported_oneroster": "Only OneRoster 1.1 and 1.2 are read. Choose one of them in the sending system.",
    "manifest.file_missing": "manifest.csv promises {file}, but the zip does not hold it. The export is incomplete.",
    "manifest.file_unexpected": "manifest.csv calls {file} absent, but the zip holds it.",
}

_TABLE = {
    "csv.invalid_encoding": "This line is not UTF-8 text. Set the export to UTF-8.",
    "csv.line_too_long": "This line is longer than {limit} kB. A quote may be missing above it.",
    "csv.control_character": "This line holds a character that no text has, such as NUL. The file may be damaged.",
    "csv.bad_line_end": "Lines must end with CRLF or LF; this file uses CR alone, or has one inside a cell.",
    "csv.line_break_in_field": "A cell of this line breaks over several lines, which the standard forbids.",
    "csv.unescaped_quote": "The quotes of this cell don't match: one inside it must be doubled, and the cell quoted.",
    "table.missing_data_rows": "The file has a header and nothing else. An empty file should be marked absent.",
    "table.row_width_mismatch": "The row has more or fewer cells than the header.",
    "schema.missing_header": "The header lacks this column.",
    "schema.header_order_mismatch": "This column does not stand where the standard puts it.",
    "schema.metadata_column_position": "An extension column stands among the standard ones; it belongs to their right.",
    "schema.invalid_metadata_header": "This column is not the standard's. An extension is called metadata.something.",
    "schema.misspelt_header": "The name of this column is misspelt.",
    "schema.duplicate_header": "The header names a column twice.",
}

_ROW = {
    "row.missing_required_value": "This cell must not be empty.",
    "row.field_forbidden_in_bulk": "In a bulk file this cell must be empty.",
    "row.field_required_in_delta": "In a delta file this cell must not be empty.",
    "row.invalid_guid": "This is not a sourcedId: 1 to 255 letters, digits and . / @ _ - are allowed.",
    "row.invalid_list": "This list has an empty item.",
    "row.invalid_boolean": "This cell must be true or false.",
    "row.invalid_enum": "This word is not on the standard's list for this column.",
    "row.invalid_date": "This is not a date as YYYY-MM-DD.",
    "row.invalid_datetime": "This is not a moment as YYYY-MM-DDTHH:MM:SS.sssZ.",
    "row.invalid_year": "This is not a year of four digits.",
    "row.invalid_integer": "This is not a whole number.",
    "row.invalid_float": "This is not a number.",
    "reference.duplicate_sourced_id": "A row above has the same sourcedId.",
    "reference.missing_target_file": "This points at {target}, which the package does not hold.",
    "reference.missing_target_record": "This points at a row that {target} does not have.",
    "semantic.multiple_primary_roles": "The person has a second primary role at the same organisation.",
    "semantic.person_without_role": "People without a role, so that nobody can tell students from staff: {count}.",
    "semantic.invalid_score_range": "The lowest score is above the highest.",
    "semantic.invalid_score_scale_mapping": "A score scale is written as {{grade:value}}.",
    "semantic.invalid_case_learning_objective_id": "A CASE learning objective must be a urn:uuid.",
}

SENTENCES: Mapping[str, str] = MappingProxyType({**ZIP_SENTENCES, **_PACKAGE, **_TABLE, **_ROW})
