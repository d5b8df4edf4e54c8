"""What cases at vendors allow, and when a vendor's device is due back."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import VENDOR_FILES, VENDOR_ROUTE
from firstbell.directory.models import Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.repairs.fixes import Fix
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.rules import ON_THE_BENCH
from firstbell.vendors import questions
from firstbell.vendors.models import VendorCase

Answers = dict[str, str]
"""What one vendor has answered, by key. What is missing is not answered."""


def one_form(word: str) -> str:
    """Return a vendor's word in the form in which it is kept and compared."""
    return " ".join(word.casefold().split())[:60]


def check_vendor(site: Site | None) -> Site:
    """A case is with a vendor that is entered and open."""
    if site is None or site.kind != Site.Kind.VENDOR or site.closed_on is not None:
        raise Refused("no_vendor", _("Choose a vendor. Vendors are entered under Sites."))
    return site


def check_repairable(order: WorkOrder) -> None:
    """Only what is not repaired yet goes to a vendor."""
    if order.status not in ON_THE_BENCH:
        raise Refused(
            "nothing_to_repair",
            _("The repair of {tag} is “{status}”; there is nothing for a vendor to do."),
            tag=order.device.tag,
            status=WorkOrder.Status(order.status).label,
        )


def check_parts(found: Fix, answers: Answers, vendor: Site) -> None:
    """A vendor that cannot get parts gets nothing that needs one (S83)."""
    if found.part and answers.get(questions.PARTS.key) == "no":
        raise Refused("vendor_no_parts", _("{vendor} says that they cannot get parts for our devices."), vendor=vendor)


def check_may_file(order: WorkOrder, plan: Plan, by: Actor) -> None:
    """The plan says who opens cases with vendors (S65)."""
    if plan.says(VENDOR_FILES, order.site_id) == "district" and not by.may(Permission.TRANSPORT, order.site_id):
        raise Refused(
            "district_files",
            _("The plan says that the district opens cases with vendors. Hand the device in for the depot."),
            decision=VENDOR_FILES.key,
        )


def check_may_send_from(here: Site, plan: Plan) -> None:
    """The plan says from where devices go to a vendor (S62): a depot always may, a school where it says so."""
    if here.kind == Site.Kind.SCHOOL and plan.says(VENDOR_ROUTE, here.pk) != "school":
        raise Refused(
            "by_way_of_depot",
            _("The plan sends devices to vendors by way of the depot. Put it in the pick-up box."),
            decision=VENDOR_ROUTE.key,
        )


def check_parcel(answers: Answers, *, number: str, box: str, cents: int | None) -> None:
    """No box without its number where the vendor offers one (S88); its own number and cost where they matter."""
    if answers.get(questions.TRACKING.key) == "yes" and not number:
        raise Refused("no_tracking", _("This vendor offers tracking: write the tracking number before the box leaves."))
    if answers.get(questions.BOXES.key) == "both" and not box:
        raise Refused("no_box", _("This vendor provides its own boxes: write the number of the box."))
    if answers.get(questions.SHIPPING.key) == "no" and cents is None:
        raise Refused("no_shipping_cost", _("The district pays for this shipping: write what it cost, 0 for nothing."))


def check_open(case: VendorCase) -> None:
    """What has ended stays as it is."""
    if case.outcome:
        raise Stale("case_ended", _("This case has ended: {outcome}."), outcome=case.get_outcome_display())


def check_not_sent(case: VendorCase) -> None:
    """A device leaves once."""
    if case.sent_at is not None:
        raise Stale("sent_already", _("{tag} was sent to the vendor already."), tag=case.device.tag)


def weekdays_later(day: date, number: int) -> date:
    """Return the day so many weekdays later; a vendor's week is Monday to Friday."""
    friday = 4
    begun = day - timedelta(days=max(0, day.weekday() - friday))  # what leaves on a weekend leaves as on its Friday
    weeks, rest = divmod(number, 5)
    weekend = 2 if begun.weekday() + rest > friday else 0
    return begun + timedelta(weeks=weeks, days=rest + weekend)


def due_back(case: VendorCase, answers: Answers) -> date | None:
    """Return the day on which a device is due back: the day that was promised, else so many weekdays after it left."""
    if case.promised_on or case.sent_at is None:
        return case.promised_on
    days = answers.get(questions.DAYS.key)
    sent_on = case.sent_at.astimezone(ZoneInfo(case.vendor.timezone)).date()
    return weekdays_later(sent_on, int(days)) if days else None


def is_overdue(case: VendorCase, answers: Answers, at: datetime) -> bool:
    """Say whether a device that a vendor has should be back by now; the day itself is not late."""
    due = due_back(case, answers)
    return due is not None and due < at.astimezone(ZoneInfo(case.owner.timezone)).date()
