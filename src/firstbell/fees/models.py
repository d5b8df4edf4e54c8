"""Tables of fees. The database holds a charge to the policy row in force on the day of its incident, and to the cap."""

from datetime import date, timedelta
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

    @property
    def last_day(self) -> date:
        """Return the last day on which the plan holds."""
        return self.until - timedelta(days=1)


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
    owed_cents = models.PositiveIntegerField(default=0, help_text="kept by the database as entries are written")
    back_cents = models.PositiveIntegerField(default=0, help_text="to be paid back; kept like owed_cents")
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
            models.Index(fields=["site", "-decided_at"], condition=Q(owed_cents__gt=0), name="charge_owed"),
            models.Index(fields=["site", "-decided_at"], condition=Q(back_cents__gt=0), name="charge_to_pay_back"),
        ]

    def __str__(self) -> str:
        return f"charge {self.pk}"

    @property
    def amount(self) -> Money:
        """Return what is asked."""
        return Money(self.amount_cents)

    @property
    def owed(self) -> Money:
        """Return what is still open."""
        return Money(self.owed_cents)

    @property
    def back(self) -> Money:
        """Return what is to be paid back."""
        return Money(self.back_cents)


class Account(models.TextChoices):
    """The accounts of the books: each entry debits one of them and credits another, so that they always balance."""

    OWED = "owed", _("owed to the district")
    INCOME = "income", _("fees")
    WAIVED = "waived", _("waived")
    CASH = "cash", _("cash")
    CHEQUE = "cheque", _("check")
    ONLINE = "online", _("online")
    BACK = "back", _("to be paid back")


class Entry(ScopedModel):
    """One entry of a person's account. Never changed, never removed: a mistake is undone by another entry."""

    see = Permission.DECIDE_CHARGES

    class Kind(models.TextChoices):
        CHARGED = "charged", _("asked")
        PAID = "paid", _("paid")
        WAIVED = "waived", _("waived")
        REDUCED = "reduced", _("reduced after an appeal")
        FOUND = "found", _("taken back: the device was found")
        REFUNDED = "refunded", _("paid back")

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="entries")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="entries")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    debit = models.CharField(max_length=8, choices=Account)
    credit = models.CharField(max_length=8, choices=Account)
    amount_cents = models.PositiveIntegerField()
    reference = models.CharField(max_length=60, blank=True)
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0) & ~Q(debit=F("credit")), name="entry_moves_money"),
            models.UniqueConstraint(fields=["charge"], condition=Q(kind="charged"), name="charged_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "posted_at"], name="entry_person"),
            models.Index(fields=["site", "posted_at"], name="entry_site"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_cents} of charge {self.charge_id}"

    @property
    def amount(self) -> Money:
        """Return the amount that moved."""
        return Money(self.amount_cents)


class Waiver(ScopedModel):
    """The wish that a charge be waived, and what was decided. Why is nowhere here: all of them look alike."""

    see = Permission.DECIDE_CHARGES

    class Outcome(models.TextChoices):
        OPEN = "", _("asked for")
        GRANTED = "granted", _("granted by district policy")
        DECLINED = "declined", _("declined")

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="waivers")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    amount_cents = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["charge"], condition=Q(outcome=""), name="one_open_waiver"),
        ]

    def __str__(self) -> str:
        return f"waiver of charge {self.charge_id}"

    @property
    def amount(self) -> Money:
        """Return what was waived."""
        return Money(self.amount_cents)


class WaiverGround(ScopedModel):
    """Why a waiver is asked for, while it is undecided. Only who decides reads it; deciding removes it."""

    see = Permission.DECIDE_WAIVERS

    class Ground(models.TextChoices):
        HARDSHIP = "hardship", _("money is short at home")
        SIBLINGS = "siblings", _("several children were charged")
        GOODWILL = "goodwill", _("goodwill of the school")
        CIRCUMSTANCES = "circumstances", _("it could not be helped")

    waiver = models.OneToOneField(Waiver, on_delete=models.CASCADE, related_name="ground")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=16, choices=Ground)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"ground of waiver {self.waiver_id}"


class PayPlan(ScopedModel):
    """An agreement to pay what is owed in monthly parts. What is late is derived from what was paid since."""

    see = Permission.DECIDE_CHARGES

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="plans")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    total_cents = models.PositiveIntegerField()
    parts = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    agreed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["charge"], condition=Q(ended_at__isnull=True), name="one_open_plan"),
            models.CheckConstraint(condition=Q(parts__gte=2, total_cents__gte=F("parts")), name="plan_has_parts"),
        ]

    def __str__(self) -> str:
        return f"{self.parts} parts of charge {self.charge_id}"


class Appeal(ScopedModel):
    """A family or staff member does not agree with a charge; somebody else than who decided it looks again."""

    see = Permission.DECIDE_CHARGES

    class Outcome(models.TextChoices):
        OPEN = "", _("to be decided")
        KEPT = "kept", _("the charge stays")
        REDUCED = "reduced", _("the charge is reduced")
        DROPPED = "dropped", _("the charge is dropped")

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="appeals")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=1000, blank=True)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    amount_cents = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["charge"], condition=Q(outcome=""), name="one_open_appeal"),
        ]

    def __str__(self) -> str:
        return f"appeal against charge {self.charge_id}"
