"""The tables of OneRoster 1.1 and 1.2 as data: files, columns in their order, what a column holds and points at.

Notation, one word a column: ``name`` then ``!`` required by the standard or ``!!`` also needed by us (a row without it
is useless), ``:kind`` of content (text when not said), ``>file`` it points at, ``~reason`` why its content is dropped.
Source: 1EdTech OneRoster CSV tables 1.1 and 1.2.1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_WORD = re.compile(r"(?P<name>\w+)(?P<need>!{0,2})(?::(?P<kind>\w+))?(?:>(?P<target>\w+))?(?:~(?P<drop>\w+))?")
_COMMON = "sourcedId!!:id status dateLastModified"

_BOTH = {
    "academicSessions": "title! type!:session_type startDate!:date endDate!:date parentSourcedId:id>academicSessions "
    "schoolYear!:year",
    "orgs": "name!! type!!:org_type identifier parentSourcedId:id>orgs",
    "courses": "schoolYearSourcedId:id>academicSessions title! courseCode grades:list orgSourcedId!:id>orgs "
    "subjects:list subjectCodes:list",
    "classes": "title! grades:list courseSourcedId!:id>courses classCode classType!:class_type location "
    "schoolSourcedId!!:id>orgs termSourcedIds!:ids>academicSessions subjects:list subjectCodes:list periods:list",
    "resources": "vendorResourceId! title roles:resource_roles importance:importance vendorId applicationId",
    "classResources": "title classSourcedId!:id>classes resourceSourcedId!:id>resources",
    "courseResources": "title courseSourcedId!:id>courses resourceSourcedId!:id>resources",
}

_ENROLLMENT = (
    "classSourcedId!!:id>classes schoolSourcedId!:id>orgs userSourcedId!!:id>users role!!:{roles} primary:boolean "
    "beginDate:date endDate:date"
)

_DEMOGRAPHICS = (
    "birthDate:date sex:{sex} americanIndianOrAlaskaNative:boolean asian:boolean blackOrAfricanAmerican:boolean "
    "nativeHawaiianOrOtherPacificIslander:boolean white:boolean demographicRaceTwoOrMoreRaces:boolean "
    "hispanicOrLatinoEthnicity:boolean countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
    "publicSchoolResidenceStatus"
)

_V11 = _BOTH | {
    "users": "enabledUser!:boolean orgSourcedIds!!:ids>orgs role!!:role_11 username! userIds givenName! familyName! "
    "middleName~name_part identifier email sms phone agentSourcedIds:ids>users grades:list password~password",
    "enrollments": _ENROLLMENT.format(roles="role_11"),
    "demographics": _DEMOGRAPHICS.format(sex="sex_11"),
    "categories": "title!",
    "lineItems": "title! description assignDate!:date dueDate!:date classSourcedId!:id>classes "
    "categorySourcedId!:id>categories gradingPeriodSourcedId!:id>academicSessions resultValueMin:float "
    "resultValueMax:float",
    "results": "lineItemSourcedId!:id>lineItems studentSourcedId!:id>users scoreStatus!:score_status score!:float "
    "scoreDate!:date comment",
}

_V12 = _BOTH | {
    "users": "enabledUser!:boolean username! userIds givenName! familyName! middleName~name_part identifier email sms "
    "phone agentSourcedIds:ids>users grades:list password~password userMasterIdentifier~identifier preferredGivenName "
    "preferredMiddleName~name_part preferredFamilyName primaryOrgSourcedId:id>orgs pronouns~pronouns",
    "roles": "userSourcedId!!:id>users roleType!:role_type role!!:role_12 beginDate:date endDate:date "
    "orgSourcedId!!:id>orgs userProfileSourcedId:id>userProfiles",
    "enrollments": _ENROLLMENT.format(roles="enrollment_role_12"),
    "demographics": _DEMOGRAPHICS.format(sex="sex_12"),
    "userProfiles": "userSourcedId!:id>users profileType! vendorId! applicationId description credentialType! "
    "username! password~password",
    "categories": "title! weight:integer",
    "lineItems": "title! description assignDate!:date dueDate!:date classSourcedId!:id>classes "
    "categorySourcedId!:id>categories academicSessionSourcedId!:id>academicSessions resultValueMin:float "
    "resultValueMax:float schoolSourcedId!:id>orgs",
    "results": "lineItemSourcedId!:id>lineItems studentSourcedId!:id>users scoreStatus!:score_status score:float "
    "scoreDate!:date comment textScore classSourcedId:id>classes inProgress:boolean incomplete:boolean late:boolean "
    "missing:boolean",
    "scoreScales": "title! type! orgSourcedId!:id>orgs courseSourcedId:id>courses classSourcedId!:id>classes "
    "scoreScaleValue!:list",
    "lineItemLearningObjectiveIds": "lineItemSourcedId!:id>lineItems source!:objective_source learningObjectiveId!",
    "lineItemScoreScales": "title! lineItemSourcedId!:id>lineItems scoreScaleSourcedId!:id>scoreScales",
    "resultLearningObjectiveIds": "resultSourcedId!:id>results source!:objective_source learningObjectiveId! "
    "score:float textScore",
    "resultScoreScales": "title! resultSourcedId!:id>results scoreScaleSourcedId!:id>scoreScales",
    "userResources": "userSourcedId!:id>users orgSourcedId:id>orgs classSourcedId:id>classes "
    "resourceSourcedId!:id>resources",
}

_POINTS_AT = {"demographics": "sourcedId!!:id>users status dateLastModified"}
"""Demographics carry the id of the person they describe instead of one of their own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. ``essential`` columns are those without which a row is of no use to us."""

    name: str
    kind: str
    required: bool
    essential: bool
    target: str
    drop: str


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the format, named without ``.csv``."""

    name: str
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        """The file's name in the zip."""
        return f"{self.name}.csv"


def _column(word: str) -> Column:
    match = _WORD.fullmatch(word)
    assert match is not None, word
    return Column(
        name=match["name"],
        kind=match["kind"] or "text",
        required=match["need"] != "",
        essential=match["need"] == "!!",
        target=match["target"] or "",
        drop=match["drop"] or "",
    )


def _tables(notation: Mapping[str, str]) -> Mapping[str, Table]:
    return MappingProxyType(
        {
            name: Table(name, tuple(_column(word) for word in f"{_POINTS_AT.get(name, _COMMON)} {columns}".split()))
            for name, columns in notation.items()
        }
    )


TABLES: Mapping[str, Mapping[str, Table]] = MappingProxyType({"1.1": _tables(_V11), "1.2": _tables(_V12)})
"""Version, then file name without ``.csv``."""

KEPT = ("orgs", "academicSessions", "classes", "users", "roles", "enrollments")
"""The files whose rows are handed out. The others are checked (strictly) or only counted (leniently), never kept."""

READING_ORDER = (
    "orgs",
    "academicSessions",
    "courses",
    "classes",
    "users",
    "userProfiles",
    "roles",
    "enrollments",
    "demographics",
    "categories",
    "lineItems",
    "results",
    "scoreScales",
    "lineItemLearningObjectiveIds",
    "lineItemScoreScales",
    "resultLearningObjectiveIds",
    "resultScoreScales",
    "resources",
    "classResources",
    "courseResources",
    "userResources",
)
"""Every file after those it points at, so that one pass can check references."""
