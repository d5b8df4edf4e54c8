"""How strictly a package is read, and what may be forgiven.

Strict is the standard, to the letter: what a certified sender writes passes, anything else is refused with its place.
Lenient is what real exports need (a district switches it on for its sender): the faults listed here become warnings
and are mended, bad rows are left out one by one. Nothing is guessed in either.
"""

from enum import StrEnum

from firstbell.connectors.problems import Severity


class Leniency(StrEnum):
    """Strict: the standard to the letter. Lenient: mend what can be mended, leave out rows that cannot."""

    STRICT = "strict"
    LENIENT = "lenient"


FORGIVABLE = frozenset(
    {
        "package.nested_folder",
        "package.unknown_file",
        "package.file_name_case",
        "manifest.invalid_file_mode",
        "manifest.unsupported_version",
        "manifest.missing_property",
        "manifest.file_unexpected",
        "table.missing_data_rows",
        "table.row_width_mismatch",
        "schema.header_order_mismatch",
        "schema.metadata_column_position",
        "schema.invalid_metadata_header",
        "schema.misspelt_header",
        "schema.duplicate_header",
        "semantic.multiple_primary_roles",
        "semantic.invalid_score_range",
        "semantic.invalid_score_scale_mapping",
        "semantic.invalid_case_learning_objective_id",
    }
)
"""Faults of the package that are only warnings in a lenient reading. Faults in rows: see ``rows.py``."""


def severity_of(code: str, leniency: Leniency) -> Severity:
    """Return what a fault of the package costs in this reading."""
    forgiven = leniency is Leniency.LENIENT and code in FORGIVABLE
    return Severity.WARNING if forgiven else Severity.REFUSED
