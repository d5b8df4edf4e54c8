"""The questions of the plan, as typed values. A question that nothing reads has no place here (tests see to it)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from firstbell.kernel.errors import Refused

T = TypeVar("T")
Lazy = Any
"""A lazily translated text; the stubs have no public name for it."""


@dataclass(frozen=True)
class Option:
    """One possible answer, with what it means in practice."""

    code: str
    label: Lazy


@dataclass(frozen=True)
class Question(Generic[T]):
    """One question: its requirement number, its texts, how an answer is read, and the value until it is answered."""

    key: str
    number: str
    chapter: str
    title: Lazy
    help: Lazy
    safe: T
    parse: "Callable[[Question[T], Any], T]"
    options: tuple[Option, ...] = ()
    unit: Lazy = ""
    least: int = 0
    most: int = 0
    blocks_go_live: bool = False
    per_school: bool = True

    def read(self, raw: Any) -> T:
        """Return the typed value of a stored or submitted answer; raises Refused when it is none of the options."""
        return self.parse(self, raw)

    def label(self, code: str) -> str:
        """Return the words for one of the options."""
        return next((str(option.label) for option in self.options if option.code == code), code)

    def in_words(self, value: Any) -> str:
        """Return an answer as a person would say it."""
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if isinstance(value, (list, tuple, frozenset)):
            return ", ".join(self.label(code) for code in sorted(value)) or str(_("none of them"))
        return f"{value} {self.unit}".strip() if isinstance(value, int) else self.label(value)


def _codes(question: Question[Any]) -> set[str]:
    return {option.code for option in question.options}


def _one(question: Question[str], raw: Any) -> str:
    if str(raw) not in _codes(question):
        raise Refused("not_an_option", _("Choose one of the answers offered."))
    return str(raw)


def _several(question: Question[frozenset[str]], raw: Any) -> frozenset[str]:
    chosen = frozenset(map(str, raw)) if isinstance(raw, (list, tuple, set, frozenset)) else frozenset()
    if not chosen <= _codes(question) or len(chosen) < question.least:
        raise Refused("too_few_options", _("Choose at least {least} of the answers offered."), least=question.least)
    return chosen


def _number(question: Question[int], raw: Any) -> int:
    try:
        value = int(raw)
    except (TypeError, ValueError):
        value = question.least - 1
    if not question.least <= value <= question.most:
        raise Refused(
            "number_out_of_range",
            _("Give a whole number from {least} to {most}."),
            least=question.least,
            most=question.most,
        )
    return value


def _yes_no(_question: Question[bool], raw: Any) -> bool:
    return str(raw).lower() in {"true", "yes", "on", "1"}


WEEKDAYS = (
    Option("0", _("Monday")),
    Option("1", _("Tuesday")),
    Option("2", _("Wednesday")),
    Option("3", _("Thursday")),
    Option("4", _("Friday")),
)

TRIAGE_PLACE = Question(
    key="triage.place", number="S56", chapter="triage", parse=_one, safe="desk", blocks_go_live=True,
    title=_("Where is a report looked at first?"),
    help=_("The public page tells people where to go with the device."),
    options=(
        Option("desk", _("at the tech desk")),
        Option("classroom", _("in the classroom, by the student team")),
    ),
)  # fmt: skip
STUDENT_CHANNELS = Question(
    key="channels.student", number="S57", chapter="reporting", parse=_several, least=2,
    safe=frozenset({"qr", "desk"}), blocks_go_live=True,
    title=_("How does a student ask for help?"),
    help=_("At least two ways, one of them without the student's own device. The QR page refuses where it is off."),
    options=(
        Option("qr", _("QR code in the room or on the device")),
        Option("desk", _("at the tech desk")),
        Option("team", _("a student helper")),
        Option("teacher", _("through a teacher")),
    ),
)  # fmt: skip
STAFF_CHANNELS = Question(
    key="channels.staff", number="S58", chapter="reporting", parse=_several, least=2,
    safe=frozenset({"qr", "desk"}), blocks_go_live=True,
    title=_("How does a staff member ask for help?"),
    help=_("The class-stopper button on the QR page is offered where the QR code is on for staff."),
    options=(Option("qr", _("QR code")), Option("desk", _("at the tech desk")), Option("phone", _("by phone"))),
)  # fmt: skip
CLASS_STOPPER_MINUTES = Question(
    key="channels.class_stopper_minutes", number="S58", chapter="reporting", parse=_number, least=1, most=60, safe=10,
    title=_("How soon must somebody answer “it stops my class”?"),
    help=_("Measured in school minutes from the report."), unit=_("minutes"),
)  # fmt: skip
SELF_HELP_FIRST = Question(
    key="reporting.self_help", number="S47", chapter="reporting", parse=_yes_no, safe=True,
    title=_("Show self-help before a report is sent?"),
    help=_("Asked once, and never for damage, loss or anything unsafe."),
)  # fmt: skip
HAND_UP_ROLES = Question(
    key="levels.hand_up", number="S59", chapter="levels", parse=_several, least=1,
    safe=frozenset({"student_tech", "it_lead"}),
    title=_("Who may move a ticket up a level?"),
    help=_("Others are told whom to ask."),
    options=(
        Option("student_tech", _("student helpers")),
        Option("it_lead", _("the school's IT lead")),
        Option("district_tech", _("district technicians")),
    ),
)  # fmt: skip
TEAM_MINUTES = Question(
    key="levels.team_minutes", number="S51", chapter="levels", parse=_number, least=5, most=480, safe=30,
    title=_("How long may a ticket stay with the student team?"),
    help=_("In school minutes; then it moves to school IT by itself."), unit=_("minutes"),
)  # fmt: skip
TEAM_START = Question(
    key="levels.team_start", number="S49", chapter="levels", parse=_several,
    safe=frozenset({"slow", "internet", "input", "flat"}),
    title=_("Which tasks may a student helper take without training?"),
    help=_("The others are learned first: the supervisor opens them for each helper on the page “Team check”."),
    options=(
        Option("slow", _("slow, frozen or an app fails")),
        Option("internet", _("no internet")),
        Option("input", _("keys, touch, sound or camera")),
        Option("flat", _("not charged, or left at home")),
    ),
)  # fmt: skip
SKILL_TASKS = Question(
    key="levels.skill_tasks", number="S49", chapter="levels", parse=_number, least=1, most=50, safe=3,
    title=_("After how many checked tasks may a student helper be signed off?"),
    help=_("Tasks of that kind which the helper solved and an adult approved. Before that, signing off is refused."),
    unit=_("tasks"),
)  # fmt: skip
INTAKE_PLACE = Question(
    key="intake.place", number="S60", chapter="intake", parse=_one, safe="pickup_box", blocks_go_live=True,
    title=_("Where is a broken device put after it is handed in?"),
    help=_("The swap at the desk books it there at once; the courier empties the pick-up box with one scan."),
    options=(Option("pickup_box", _("straight into the pick-up box")), Option("desk", _("on the tech desk"))),
)  # fmt: skip
STAND_IN = Question(
    key="intake.stand_in", number="S61", chapter="intake", parse=_one, safe="loan", blocks_go_live=True,
    title=_("What does the person get while the device is away?"),
    help=_("A loan goes back when the own device returns. A swap stays: the repaired device joins the loaner pool."),
    options=(Option("loan", _("a loaner, until the own device is back")), Option("swap", _("another device for good"))),
)  # fmt: skip
REPAIR_WHERE = Question(
    key="repair.where", number="S62", chapter="repair", parse=_one, safe="depot", blocks_go_live=True,
    title=_("Where are devices repaired?"),
    help=_("Decides whether the bench of the school may take a device before the depot does."),
    options=(Option("depot", _("at the depot")), Option("school", _("at the school first, else at the depot"))),
)  # fmt: skip
PICKUP_RULE = Question(
    key="pickup.rule", number="S64", chapter="pickup", parse=_one, safe="days",
    title=_("When does the courier come to a school?"),
    help=_("A request arises by itself as the answer says; the school may also ask by hand on its pick-up page."),
    options=(
        Option("days", _("on fixed days of the week, when something waits")),
        Option("demand", _("only when the school asks")),
        Option("threshold", _("when enough devices wait, or one has waited long enough")),
    ),
)  # fmt: skip
PICKUP_NUMBER = Question(
    key="pickup.number", number="S64", chapter="pickup", parse=_number, least=1, most=200, safe=5,
    title=_("From how many waiting devices on does the courier come?"),
    help=_("Read where the courier comes when enough devices wait."), unit=_("devices"),
)  # fmt: skip
PICKUP_HOURS = Question(
    key="pickup.hours", number="S64", chapter="pickup", parse=_number, least=1, most=80, safe=8,
    title=_("After how many school hours does the courier come for a single device?"),
    help=_("Read where the courier comes when enough devices wait: the oldest never waits longer before it is asked."),
    unit=_("school hours"),
)  # fmt: skip
PICKUP_WARN_HOURS = Question(
    key="pickup.warn_hours", number="S52", chapter="pickup", parse=_number, least=1, most=40, safe=4,
    title=_("How many school hours before a pick-up is late does the depot hear of it?"),
    help=_("Only where no van is planned in time. Pick-ups that are late are told once a day as well."),
    unit=_("school hours"),
)  # fmt: skip
PICKUP_BOX_DEVICES = Question(
    key="pickup.box_devices", number="S64", chapter="pickup", parse=_number, least=1, most=100, safe=8,
    title=_("How many devices does a reusable box hold?"),
    help=_("Where boxes are counted as accessories, the driver's page says whether enough lie at a school."),
    unit=_("devices"),
)  # fmt: skip
PICKUP_DAYS = Question(
    key="pickup.days", number="S64", chapter="pickup", parse=_several, least=1, safe=frozenset({"0", "2", "4"}),
    title=_("On which days does the courier come?"),
    help=_("Where it comes on fixed days. The expected day that school and family see counts with it."),
    options=WEEKDAYS,
)  # fmt: skip
PICKUP_READING = Question(
    key="pickup.reading", number="S52", chapter="pickup", parse=_one, safe="school_days",
    title=_("What does “within 48 hours” mean?"),
    help=_("Used for the pick-up and the return clock."),
    options=(
        Option("elapsed", _("48 hours on the clock")),
        Option("open_hours", _("16 hours in which the school is open")),
        Option("school_days", _("2 school days")),
    ),
)  # fmt: skip
REPAIR_DAYS = Question(
    key="repair.days", number="S53", chapter="repair", parse=_number, least=1, most=60, safe=5,
    title=_("How many working days may a repair take at the depot?"),
    help=_("From receiving to repair complete."), unit=_("working days"),
)  # fmt: skip
QUALITY_CHECK = Question(
    key="repair.quality_check", number="S70", chapter="repair", parse=_one, safe="second_person",
    title=_("Who checks a repair before it goes back?"),
    help=_("With a second person, “repaired and checked” in one tap is not offered."),
    options=(Option("second_person", _("somebody else")), Option("same_person", _("the technician who repaired it"))),
)  # fmt: skip
REPAIR_FIELDS = Question(
    key="repair.fields", number="S70", chapter="repair", parse=_several, least=1, safe=frozenset({"fault"}),
    title=_("What must be on record before a repair is complete?"),
    help=_("The bench asks for these, and refuses “repaired” without them."),
    options=(
        Option("fault", _("the fault found")),
        Option("part", _("the parts used, or that none was")),
        Option("minutes", _("the minutes of work")),
        Option("photos", _("photos from before and after")),
    ),
)  # fmt: skip
REPAIR_PHOTO_DAYS = Question(
    key="repair.photo_days", number="S70", chapter="repair", parse=_number, least=30, most=3650, safe=365,
    title=_("For how many days are photos of a closed repair kept?"),
    help=_("After that pictures and files are removed; the record of the repair stays."), unit=_("days"),
    per_school=False,
)  # fmt: skip
REPAIR_HOUR_DOLLARS = Question(
    key="repair.hour_dollars", number="S70", chapter="repair", parse=_number, least=0, most=500, safe=0,
    title=_("What does an hour at the bench cost?"),
    help=_("The figures add it to the parts. With 0 only parts are counted."), unit=_("dollars"), per_school=False,
)  # fmt: skip
SILENT_DAYS = Question(
    key="status.silent_days", number="S67", chapter="repair", parse=_number, least=1, most=20, safe=3,
    title=_("After how many school days without news is a device listed as silent?"),
    help=_("School and depot both see the list."), unit=_("school days"),
)  # fmt: skip
HAND_BACK_TO = Question(
    key="handback.to", number="S69", chapter="handback", parse=_one, safe="owner",
    title=_("Who may receive a repaired device?"),
    help=_("Hand-back to anybody else is refused."),
    options=(
        Option("owner", _("only the person it belongs to")),
        Option("owner_or_staff", _("the person, or a staff member of the school on their behalf")),
    ),
)  # fmt: skip
HAND_BACK_IDENTITY = Question(
    key="handback.identity", number="S69", chapter="handback", parse=_one, safe="none",
    title=_("How is it checked that the right person gets the device back?"),
    help=_("The desk asks for it before it hands back, and keeps how it was checked. A hand-back from the scan line "
           "waits as a conflict until the desk has checked."),
    options=(
        Option("none", _("not asked: school IT knows its people")),
        Option("name", _("the name is asked")),
        Option("badge", _("the badge is scanned")),
    ),
)  # fmt: skip
HAND_BACK_DAYS = Question(
    key="handback.days", number="S69", chapter="handback", parse=_number, least=1, most=10, safe=1,
    title=_("How soon after arriving at the school is the device in its owner's hands?"),
    help=_("The hand-back list shows what is late."), unit=_("school days"),
)  # fmt: skip
LOAN_DAYS = Question(
    key="loans.days", number="S71", chapter="loans", parse=_number, least=1, most=60, safe=10,
    title=_("For how many school days is a loaner lent?"),
    help=_("A loan for a repair that takes longer is shown as late, never taken away."), unit=_("school days"),
)  # fmt: skip
LOAN_SECOND_DAYS = Question(
    key="loans.second_notice_days", number="S71", chapter="loans", parse=_number, least=1, most=60, safe=3,
    title=_("After how many school days is an overdue loaner told a second time?"),
    help=_("The school's leads hear of it on the day after it was due, and again then."), unit=_("school days"),
)  # fmt: skip
LOAN_DISTRICT_DAYS = Question(
    key="loans.district_days", number="S71", chapter="loans", parse=_number, least=1, most=90, safe=10,
    title=_("After how many school days does the district hear of an overdue loaner?"),
    help=_("The last step: the school asked twice, and the loaner is still out."), unit=_("school days"),
)  # fmt: skip
LOANER_AT_HAND_BACK = Question(
    key="loans.at_hand_back", number="S71", chapter="loans", parse=_yes_no, safe=True,
    title=_("Must the loaner come back when the own device is handed back?"),
    help=_("If so, handing back without it asks for a reason, which is kept."),
)  # fmt: skip
LOANER_TARGET = Question(
    key="loans.ready_percent", number="S54", chapter="loans", parse=_number, least=50, most=99, safe=95,
    title=_("How often shall somebody who needs a loaner find one?"),
    help=_("With each school's own loans this says how many loaners it needs; the figures show who lacks some."),
    unit=_("percent"),
)  # fmt: skip
CLOSET_DAYS = Question(
    key="closet.days", number="S36", chapter="intake", parse=_number, least=1, most=20, safe=2,
    title=_("After how many school days without a next step is a broken device alarmed?"),
    help=_("The closet board lists them, oldest first."), unit=_("school days"),
)  # fmt: skip
DEVICELESS_MINUTES = Question(
    key="measures.deviceless_minutes", number="S55", chapter="goals", parse=_number, least=5, most=2000, safe=30,
    title=_("How long may a learner be without a working device?"),
    help=_("In school minutes: the target line of the district's headline chart."), unit=_("minutes"),
)  # fmt: skip
ROSTER_BRAKE = Question(
    key="roster.brake", number="S124", chapter="records", parse=_number, least=1, most=100, safe=10, per_school=False,
    title=_("How large a change of the roster needs a second look?"),
    help=_("If more than this share of a school's people would leave, nothing is applied until somebody confirms."),
    unit=_("percent"),
)  # fmt: skip
FEES = Question(
    key="fees.asked", number="S74", chapter="fees", parse=_one, safe="policy", per_school=False,
    title=_("Does the district ask for money?"),
    help=_("Some states forbid fees. “No fees” switches every one of them off: no charge, no letter, no payment."),
    options=(Option("policy", _("by the fee policy")), Option("none", _("no fees"))),
)  # fmt: skip
FEES_SECOND_PERSON = Question(
    key="fees.second_person", number="S74", chapter="fees", parse=_yes_no, safe=True,
    title=_("Must a waiver or an appeal be decided by somebody else?"),
    help=_("If so, nobody decides about a wish they entered, or about an appeal against their own decision."),
)  # fmt: skip
FEES_PARTS = Question(
    key="fees.parts", number="S74", chapter="fees", parse=_number, least=1, most=24, safe=6,
    title=_("In how many monthly parts may a fee be paid?"),
    help=_("A longer agreement is refused. With 1, fees are paid at once."), unit=_("parts"),
)  # fmt: skip
FEES_APPEAL_DAYS = Question(
    key="fees.appeal_days", number="S72", chapter="fees", parse=_number, least=1, most=365, safe=30,
    title=_("For how many days can a charge be appealed?"),
    help=_("The letter and the status page name the last day."), unit=_("days"),
)  # fmt: skip
FOUND_REFUND = Question(
    key="fees.found_refund", number="S77", chapter="fees", parse=_one, safe="any_time",
    title=_("Is a fee taken back when a lost device is found?"),
    help=_("What is still owed is taken back, and what was paid is to be paid back."),
    options=(
        Option("any_time", _("whenever it is found")),
        Option("month", _("within 30 days of the charge")),
        Option("never", _("no")),
    ),
)  # fmt: skip
SEARCH_DAYS = Question(
    key="incidents.search_days", number="S77", chapter="incidents", parse=_number, least=1, most=60, safe=5,
    title=_("For how many school days is a missing device searched?"),
    help=_("Before that nothing is charged and nothing is written off."), unit=_("school days"),
)  # fmt: skip
POLICE_DAYS = Question(
    key="incidents.police_days", number="S76", chapter="incidents", parse=_number, least=1, most=30, safe=3,
    title=_("Within how many school days is a theft reported to the police?"),
    help=_("The case says until when the number of the report is needed."), unit=_("school days"),
)  # fmt: skip
THEFT_UNREPORTED = Question(
    key="incidents.theft_unreported", number="S78", chapter="incidents", parse=_one, safe="theft",
    title=_("What is a theft that nobody reported to the police?"),
    help=_("Decides which rows of the fee policy apply once the time for the report is over."),
    options=(Option("theft", _("still a theft")), Option("loss", _("a loss"))),
)  # fmt: skip
REFER_AFTER = Question(
    key="referrals.after", number="S115", chapter="incidents", parse=_number, least=2, most=20, safe=3,
    title=_("From which damage within a year on does an administrator look at it?"),
    help=_("They get the facts. The repair goes on as ever, and IT hears nothing of what they decide."),
    unit=_("times"),
)  # fmt: skip
VENDOR_ROUTE = Question(
    key="vendor.route", number="S62", chapter="vendors", parse=_one, safe="district",
    title=_("How does a device get to a vendor?"),
    help=_("A school that tries to send by itself is refused while the depot sends. The depot always may."),
    options=(
        Option("district", _("by way of the depot")),
        Option("school", _("straight from the school")),
    ),
)  # fmt: skip
VENDOR_FILES = Question(
    key="vendor.files", number="S65", chapter="vendors", parse=_one, safe="district",
    title=_("Who opens the case with a vendor?"),
    help=_("Whoever opens it looks after it. It can be handed to the other side on its page."),
    options=(Option("district", _("the district")), Option("school", _("the school itself"))),
)  # fmt: skip
VENDOR_RETURN = Question(
    key="vendor.return", number="S68", chapter="vendors", parse=_one, safe="district",
    title=_("Where does a vendor send a repaired device?"),
    help=_("Asked when the case begins, and then kept: the box that comes back is expected there."),
    options=(Option("district", _("to the depot, which takes it home")), Option("school", _("straight to the school"))),
)  # fmt: skip

STORAGE_GRADE = Question(
    key="storage.grade", number="S134", chapter="storage", parse=_one, safe="any",
    title=_("How must a place be secured in which new devices wait?"),
    help=_("New devices cannot be entered into a place that is secured less well."),
    options=(
        Option("any", _("nothing is asked")),
        Option("locked", _("locked room or cupboard")),
        Option("keys", _("locked, and it is known who has keys")),
        Option("alarm", _("locked and alarmed")),
    ),
)  # fmt: skip
KIT_SIZE = Question(
    key="rounds.kit_size", number="S106", chapter="storage", parse=_number, least=1, most=30, safe=4,
    title=_("How many loaners does the kit of the morning round hold?"),
    help=_("A kit that holds fewer as the day begins is told to the school's leads, to be filled the same day."),
    unit=_("loaners"),
)  # fmt: skip
CHARGING_PLACES = Question(
    key="rooms.charging_places", number="S122", chapter="storage", parse=_number, least=1, most=60, safe=4,
    title=_("How many devices can be charged at once in each classroom?"),
    help=_("The list of charging places shows the rooms in which fewer work."), unit=_("devices"),
)  # fmt: skip

QUESTIONS: tuple[Question[Any], ...] = (
    TRIAGE_PLACE, STUDENT_CHANNELS, STAFF_CHANNELS, CLASS_STOPPER_MINUTES, SELF_HELP_FIRST, HAND_UP_ROLES,
    TEAM_MINUTES, TEAM_START, SKILL_TASKS,
    INTAKE_PLACE, STAND_IN, CLOSET_DAYS, PICKUP_DAYS, PICKUP_READING, REPAIR_WHERE, REPAIR_DAYS, REPAIR_FIELDS,
    QUALITY_CHECK, SILENT_DAYS, HAND_BACK_TO, HAND_BACK_DAYS, LOAN_DAYS, LOAN_SECOND_DAYS, LOAN_DISTRICT_DAYS,
    LOANER_AT_HAND_BACK, LOANER_TARGET, HAND_BACK_IDENTITY, PICKUP_RULE, PICKUP_NUMBER, PICKUP_HOURS,
    PICKUP_WARN_HOURS, REPAIR_PHOTO_DAYS, REPAIR_HOUR_DOLLARS, PICKUP_BOX_DEVICES,
    FEES, FEES_SECOND_PERSON, FEES_PARTS, FEES_APPEAL_DAYS, FOUND_REFUND,
    SEARCH_DAYS, POLICE_DAYS, THEFT_UNREPORTED, REFER_AFTER, STORAGE_GRADE, KIT_SIZE, CHARGING_PLACES,
    DEVICELESS_MINUTES, ROSTER_BRAKE, VENDOR_ROUTE, VENDOR_FILES, VENDOR_RETURN,
)  # fmt: skip
BY_KEY: dict[str, Question[Any]] = {question.key: question for question in QUESTIONS}

CHAPTERS: dict[str, Lazy] = {
    "triage": _("First look"),
    "reporting": _("Asking for help"),
    "levels": _("Who helps at which level"),
    "intake": _("Handing in"),
    "pickup": _("Pick-up and return"),
    "repair": _("Repair"),
    "vendors": _("Vendors"),
    "handback": _("Back to its person"),
    "loans": _("Loaners"),
    "incidents": _("Damage, loss and theft"),
    "fees": _("Money"),
    "storage": _("Rooms and storage"),
    "goals": _("Goals"),
    "records": _("Records"),
}
"""The chapters of the plan, in the order of the journey."""
