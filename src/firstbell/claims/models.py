"""Tables of cover and claims. Terms never change: others begin on a day, and a fault keeps the terms of its day."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.claims.engine import Conditions, Held
from firstbell.devices.models import Device
from firstbell.directory.models import Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder


class Cover(models.Model):
    """One protection that the district has: the maker's warranty, a plan that was bought, or its own insurance."""

    class Kind(models.TextChoices):
        MAKER = "maker", _("maker's warranty")
        PLAN = "plan", _("plan that was bought")
        OWN = "own", _("self-insured")

    kind = models.CharField(max_length=6, choices=Kind)
    name = models.CharField(max_length=80, unique=True)
    vendor = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="covers")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Terms(models.Model):
    """What a cover pays for, from-to (``until`` exclusive). ``year_cents`` and ``claims_a_year`` count by device."""

    cover = models.ForeignKey(Cover, on_delete=models.PROTECT, related_name="terms")
    faults = models.JSONField(default=list)
    causes = models.JSONField(default=list)
    waiting_days = models.PositiveSmallIntegerField(default=0)
    deductible_cents = models.PositiveIntegerField(default=0)
    limit_cents = models.PositiveIntegerField(null=True, blank=True)
    year_cents = models.PositiveIntegerField(null=True, blank=True)
    claims_a_year = models.PositiveSmallIntegerField(null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cover"], condition=Q(until__isnull=True), name="terms_open_once"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="terms_in_order"),
        ]

    def __str__(self) -> str:
        return f"terms of {self.cover_id} from {self.since}"

    @property
    def conditions(self) -> Conditions:
        """Return them as the engine reads them."""
        return Conditions(
            faults=frozenset(self.faults),
            causes=frozenset(self.causes),
            waiting_days=self.waiting_days,
            deductible=self.deductible_cents,
            limit=self.limit_cents,
            year_limit=self.year_cents,
            claims=self.claims_a_year,
        )

    @property
    def deductible(self) -> Money:
        """Return what the district bears itself of each claim."""
        return Money(self.deductible_cents)

    @property
    def limit(self) -> Money | None:
        """Return the most for one claim, if there is such a limit."""
        return None if self.limit_cents is None else Money(self.limit_cents)

    @property
    def year_limit(self) -> Money | None:
        """Return the most for one device in a year, if there is such a limit."""
        return None if self.year_cents is None else Money(self.year_cents)


class Coverage(ScopedModel):
    """A device has a cover, from-to (``until`` exclusive). Its years begin on the anniversaries of ``since``."""

    see = Permission.SEE_DEVICES

    cover = models.ForeignKey(Cover, on_delete=models.PROTECT, related_name="coverages")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="coverages")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="coverage_in_order"),
            models.UniqueConstraint(fields=["cover", "device", "since"], name="coverage_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "since"], name="coverage_device"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} in {self.cover_id}"

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Cover of devices that belong to these sites or are there now."""
        return Q(device__home_site_id__in=sites) | Q(device__at_site_id__in=sites)

    @property
    def held(self) -> Held:
        """Return it as the engine reads it."""
        return Held(self.since, self.until)

    @property
    def last_day(self) -> date | None:
        """Return the last day of the cover."""
        return self.until - timedelta(days=1) if self.until else None


class Claim(ScopedModel):
    """One use of a cover for one repair. ``expected_cents`` is what the terms say, ``paid_cents`` what came."""

    see = Permission.REPAIR

    class Status(models.TextChoices):
        DRAFT = "draft", _("to be sent")
        SENT = "sent", _("sent")
        PAID = "paid", _("paid")
        REFUSED = "refused", _("refused")
        DROPPED = "dropped", _("not claimed")

    class Refusal(models.TextChoices):
        NONE = "", _("not refused")
        CAUSE = "cause", _("they say the cause is not covered")
        FAULT = "fault", _("they say the fault is not covered")
        LAPSED = "lapsed", _("they say the cover had ended")
        LIMIT = "limit", _("they say the limit is reached")
        PAPERS = "papers", _("papers were missing or too late")
        OTHER = "other", _("another reason")

    class Drop(models.TextChoices):
        NONE = "", _("not dropped")
        SMALL = "small", _("the amount is too small")
        SAVED = "saved", _("a claim is saved for later")
        LATE = "late", _("the time for it is over")
        DISTRICT = "district", _("the district bears it")

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="claims")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="claims")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="claims")
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="claims")
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="claims")
    fault = models.CharField(max_length=40)
    cause = models.CharField(max_length=12)
    happened_on = models.DateField()
    cost_cents = models.PositiveIntegerField()
    expected_cents = models.PositiveIntegerField()
    last_one = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    number = models.CharField(max_length=60, blank=True)
    paid_cents = models.PositiveIntegerField(default=0)
    why_refused = models.CharField(max_length=8, choices=Refusal, blank=True)
    why_dropped = models.CharField(max_length=8, choices=Drop, blank=True)
    drafted_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["work_order"], name="one_claim_per_repair"),
            models.CheckConstraint(
                condition=Q(expected_cents__lte=F("cost_cents"), paid_cents__lte=F("expected_cents")),
                name="claim_within_terms",
            ),
            models.CheckConstraint(condition=Q(status="paid") | Q(paid_cents=0), name="only_paid_claims_pay"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "drafted_at"], name="claim_status"),
            models.Index(fields=["coverage", "happened_on"], name="claim_coverage"),
            models.Index(fields=["device"], name="claim_device"),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"

    @property
    def cost(self) -> Money:
        """Return what the repair costs."""
        return Money(self.cost_cents)

    @property
    def expected(self) -> Money:
        """Return what the terms say that the cover pays."""
        return Money(self.expected_cents)

    @property
    def paid(self) -> Money:
        """Return what was paid."""
        return Money(self.paid_cents)

    @property
    def is_open(self) -> bool:
        """Say whether something is still to be done about it."""
        return self.status in {self.Status.DRAFT, self.Status.SENT}
