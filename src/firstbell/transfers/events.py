"""What can be written in the ledger about files that come in and go out."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class ListKept(Fact):
    """A list of devices was handed in, to be looked through."""

    kind = "transfers.list_kept"
    sentence = _("Handed in a list of devices to import")
    upload_id: int


@dataclass(frozen=True)
class CheckOrdered(Fact):
    """A list is to be looked through, row by row."""

    kind = "transfers.check_ordered"
    sentence = _("Had a list of devices looked through")
    upload_id: int


@dataclass(frozen=True)
class ImportOrdered(Fact):
    """A list that was looked through is to be imported."""

    kind = "transfers.import_ordered"
    sentence = _("Imported a list of devices")
    upload_id: int


@dataclass(frozen=True)
class ListThrownAway(Fact):
    """A list was thrown away before its time."""

    kind = "transfers.list_thrown_away"
    sentence = _("Threw away a list of devices")
    upload_id: int


@dataclass(frozen=True)
class ExportOrdered(Fact):
    """A large list is to be written into a file."""

    kind = "transfers.export_ordered"
    sentence = _("Asked for an export")
    download_id: int
    listing: Code


@dataclass(frozen=True)
class ExportRemoved(Fact):
    """An export was removed before its time."""

    kind = "transfers.export_removed"
    sentence = _("Removed an export")
    download_id: int
    listing: Code
