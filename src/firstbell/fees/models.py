"""Tables of fees. The database holds a charge to the policy row in force on the day of its incident, and to the cap."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.directory.models import Person, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission


class Cover(models.TextChoices):
    """Whether the holder has a protection plan on the day of the incident."""

    NONE = "none", _("without a protection plan")
    PLAN = "plan", _("with a protection plan")


class FeePolicy(models.Model):
    """What is asked for one cause, cover, kind of holder and occurrence, from-to (``until`` exclusive).

    ``occurrence`` 2 applies to the second and later within a year, until a higher row takes over. A row never
    changes: a new amount is a new row. ``cap_cents`` holds for one incident, ``year_cap_cents`` for all that a
    person is asked within a year. ``source`` says where the amount comes from.
    """

    class Holder(models.TextChoices):
        STUDENT = Person.Kind.STUDENT.value, _("student")
        STAFF = Person.Kind.STAFF.value, _("staff")

    cause = models.CharField(max_length=12)
    cover = models.CharField(max_length=8, choices=Cover, default=Cover.NONE)
    holder_kind = models.CharField(max_length=10, choices=Holder)
    occurrence = models.PositiveSmallIntegerField(default=1)
    amount_cents = models.PositiveIntegerField()
    cap_cents = models.PositiveIntegerField()
    year_cap_cents = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount_cents__lte=F("cap_cents")), name="policy_within_cap"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="policy_in_order"),
            models.CheckConstraint(condition=Q(occurrence__gte=1), name="policy_counts_from_one"),
            models.UniqueConstraint(
                fields=["cause", "cover", "holder_kind", "occurrence"],
                condition=Q(until__isnull=True),
                name="policy_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.holder_kind} {self.occurrence} from {self.since}"

    @property
    def amount(self) -> Money:
        """Return what is asked."""
        return Money(self.amount_cents)

    @property
    def cap(self) -> Money:
        """Return the most that may be asked for one incident."""
        return Money(self.cap_cents)

    @property
    def year_cap(self) -> Money | None:
        """Return the most that a person may be asked within a year, if the row says so."""
        return None if self.year_cap_cents is None else Money(self.year_cap_cents)


class Protection(ScopedModel):
    """A person's protection plan, from-to (``until`` exclusive). What happens on a day outside it has lapsed cover."""

    see = Permission.DECIDE_CHARGES

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="protections")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="protection_in_order"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "since"], name="protection_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.since} to {self.until}"


class Charge(ScopedModel):
    """The decision what to ask for one incident: an amount, or nothing.

    The incident lives in an area beside this one, so its id is plain; ``flows.charges`` joins the two.
    """

    see = Permission.DECIDE_CHARGES

    class Outcome(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        NONE = "none", _("nothing is asked")

    incident_id = models.BigIntegerField(unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="charges")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="charges")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="charges")
    policy = models.ForeignKey(FeePolicy, on_delete=models.PROTECT, related_name="charges")
    cause = models.CharField(max_length=12)
    cover = models.CharField(max_length=8, choices=Cover, default=Cover.NONE)
    holder_kind = models.CharField(max_length=10)
    occurrence = models.PositiveSmallIntegerField()
    happened_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    amount_cents = models.PositiveIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(outcome="none") | Q(amount_cents=0), name="no_charge_is_zero"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "happened_on"], name="charge_person_day"),
        ]

    def __str__(self) -> str:
        return f"charge {self.pk}"

    @property
    def amount(self) -> Money:
        """Return what is asked."""
        return Money(self.amount_cents)
