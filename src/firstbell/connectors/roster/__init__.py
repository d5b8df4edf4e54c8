"""OneRoster 1.1 and 1.2 CSV packages (1EdTech): ``read_package`` checks a zip and yields its people and classes.

Not kept, but counted: passwords, demographics, lunch status, special programmes, grades and every extension column
that is not on a short list. See ``privacy.py``.
"""

from firstbell.connectors.roster.leniency import Leniency
from firstbell.connectors.roster.privacy import Dropped
from firstbell.connectors.roster.reader import Package, PackageRefused, read_package
from firstbell.connectors.roster.records import (
    Enrollment,
    Guardianship,
    Mode,
    Org,
    Person,
    PersonKind,
    RoleAt,
    SchoolClass,
    Session,
    UserId,
)
from firstbell.connectors.roster.sentences import SENTENCES

__all__ = [
    "SENTENCES",
    "Dropped",
    "Enrollment",
    "Guardianship",
    "Leniency",
    "Mode",
    "Org",
    "Package",
    "PackageRefused",
    "Person",
    "PersonKind",
    "RoleAt",
    "SchoolClass",
    "Session",
    "UserId",
    "read_package",
]
