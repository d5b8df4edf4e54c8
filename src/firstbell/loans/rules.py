"""What the pool allows."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.directory.models import Person
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.loans.models import Loan, PoolDevice


def check_in(loaner: PoolDevice, open_loan: Loan | None) -> None:
    """One loaner, one borrower. The other desk is told who has it."""
    if open_loan:
        raise Stale(
            "loaner_out",
            _("{tag} is out already: {who} has it."),
            tag=loaner.device.tag,
            who=open_loan.person.display_name,
        )
    if loaner.until is not None:
        raise Refused("not_a_loaner", _("{tag} is not a loaner."), tag=loaner.device.tag)


def check_free(loaner: PoolDevice, open_loan: Loan | None) -> None:
    """A loaner that is in and well can be lent."""
    check_in(loaner, open_loan)
    if loaner.device.status not in {Device.Status.IN_STOCK, Device.Status.IN_SERVICE}:
        raise Refused(
            "loaner_not_ready",
            _("{tag} is {status} and cannot be lent."),
            tag=loaner.device.tag,
            status=Device.Status(loaner.device.status).label,
        )


def check_one_loaner(other: Loan | None) -> None:
    """A person with a loaner brings it back before getting the next one."""
    if other:
        raise Refused(
            "has_loaner",
            _("{who} has loaner {tag} already. Take that one back first."),
            who=other.person.display_name,
            tag=other.device.device.tag,
        )


def check_borrower(person: Person) -> None:
    """A loaner goes to somebody who is still here."""
    if not person.active:
        raise Refused("person_left", _("{who} has left. Choose somebody else."), who=person.display_name)


def due_day(school: SchoolTime, at: datetime, days: int) -> date:
    """Return the local day on which a loan of so many school days is due: at the latest the year's last school day."""
    try:
        return school.after_days(at, days).astimezone(school.zone).date()
    except ClosedForGood:
        today = at.astimezone(school.zone).date()
        return max(today, school.last_day or today)
