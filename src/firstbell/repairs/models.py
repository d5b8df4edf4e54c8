"""Tables of repairs. The middle states of a repair come from custody and shipments; nobody types them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission
from firstbell.parts.models import PartMovement
from firstbell.tickets.models import Ticket


class WorkOrder(ScopedModel):
    """The repair of one device. ``site`` is the school it came from and goes back to."""

    see = Permission.SEE_DEVICES

    class Status(models.TextChoices):
        OPENED = "opened", _("opened")
        DIAGNOSED = "diagnosed", _("fault found")
        AWAITING_PARTS = "awaiting_parts", _("waits for a part")
        REPAIRED = "repaired", _("repaired, to be checked")
        CHECKED = "checked", _("checked")
        BEYOND_REPAIR = "beyond_repair", _("beyond repair")
        CLOSED = "closed", _("closed")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="work_orders")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="work_orders")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="work_orders")
    symptom = models.CharField(max_length=40)
    route = models.CharField(max_length=12)
    for_pool = models.BooleanField(default=False)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPENED)
    fault = models.CharField(max_length=40, blank=True)
    awaited_part = models.CharField(max_length=40, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    diagnosed_at = models.DateTimeField(null=True, blank=True)
    repaired_at = models.DateTimeField(null=True, blank=True)
    repaired_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    check_failures = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_reason = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=24, blank=True, default="", db_default="")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(closed_at__isnull=True), name="one_open_work_order_per_device"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="work_order_in_order"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site", "opened_at"], condition=Q(closed_at__isnull=True), name="work_order_open_site"
            ),
            models.Index(fields=["status", "opened_at"], condition=Q(closed_at__isnull=True), name="work_order_open"),
            models.Index(fields=["device", "-opened_at"], name="work_order_device"),
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Work orders of devices that come from these sites or are there now."""
        return Q(site_id__in=sites) | Q(device__at_site_id__in=sites)


class PartUsed(models.Model):
    """A part that went into a repair; the price in cents at that time.

    ``taken`` is the stock it was taken from; without it the part came from elsewhere, or no stock is kept there.
    """

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="parts")
    part = models.CharField(max_length=40)
    quantity = models.PositiveSmallIntegerField(default=1)
    unit_cents = models.PositiveIntegerField(default=0)
    taken = models.OneToOneField(PartMovement, on_delete=models.PROTECT, null=True, blank=True, related_name="used")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.quantity} x {self.part}"

    @property
    def cents(self) -> int:
        """Return what the line cost, in cents."""
        return self.quantity * self.unit_cents


class Bench(models.IntegerChoices):
    """Where a fault may be repaired; the numbers are the levels of help."""

    CLASSROOM = 0, _("in the classroom")
    TEAM = 1, _("by the student team")
    SCHOOL = 2, _("at the school")
    DISTRICT = 3, _("at the depot")
    VENDOR = 4, _("by the vendor")


class ScopeRow(models.Model):
    """From where on one fault may be repaired, from-to (``until`` exclusive); a row never changes (S29).

    It holds for one model, else for one kind of device, else for all of them: the nearest row decides. ``part`` is the
    usual one. With ``voids_cover`` the repair ends the maker's warranty unless the maker's own people do it (S84).
    """

    class Skill(models.TextChoices):
        NONE = "", _("no special skill")
        STUDENT = "student", _("student at the bench, an adult beside")
        TRAINED = "trained", _("trained technician")
        CERTIFIED = "certified", _("certified by the maker")

    fault = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=DeviceModel.Kind, blank=True)
    model = models.ForeignKey(DeviceModel, on_delete=models.PROTECT, null=True, blank=True, related_name="scope_rows")
    lowest = models.PositiveSmallIntegerField(choices=Bench)
    skill = models.CharField(max_length=10, choices=Skill, blank=True)
    part = models.CharField(max_length=40, blank=True)
    voids_cover = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="scope_in_order"),
            models.CheckConstraint(condition=Q(kind="") | Q(model__isnull=True), name="scope_of_kind_or_model"),
            models.CheckConstraint(condition=Q(lowest__lte=Bench.VENDOR), name="scope_lowest_known"),
            models.UniqueConstraint(
                fields=["fault", "kind", "model"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="scope_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fault} from {self.since}"

    @property
    def place(self) -> str:
        """Return from where on the fault may be repaired, as people say it."""
        return str(Bench(self.lowest).label)


class ScopeOverride(ScopedModel):
    """A repair that was made outside the scope table, or that voids cover: who said so, and why."""

    see = Permission.SEE_DEVICES

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="overrides")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    row = models.ForeignKey(ScopeRow, on_delete=models.PROTECT, related_name="overrides")
    fault = models.CharField(max_length=40)
    outside = models.BooleanField()
    voids_cover = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="override_says_why"),
            models.CheckConstraint(condition=Q(outside=True) | Q(voids_cover=True), name="override_of_something"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["site", "-at"], name="override_site")]

    def __str__(self) -> str:
        return f"override of {self.work_order_id}"


class Labour(models.Model):
    """Minutes that one person worked on a repair; their sum is the order's."""

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="labour")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="labour_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.work_order_id}"


class Photo(models.Model):
    """A picture of a repair. The file lies outside what is served, under a name nobody can guess."""

    class When(models.TextChoices):
        BEFORE = "before", _("before the repair")
        AFTER = "after", _("after the repair")

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="photos")
    when = models.CharField(max_length=6, choices=When)
    file = models.CharField(max_length=64, unique=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["work_order", "taken_at"], name="photo_order")]

    def __str__(self) -> str:
        return f"photo {self.pk} of {self.work_order_id}"


class Delay(models.Model):
    """Why a leg of a repair's way was late, as somebody who knows wrote it down (S52, S53). The last word counts."""

    class Leg(models.TextChoices):
        PICKUP = "pickup", _("pick-up")
        RETURN = "return", _("return")

    class Why(models.TextChoices):
        NO_VISIT = "no_visit", _("the courier did not come")
        NO_ROOM = "no_room", _("no room in the car")
        SHUT = "shut", _("it was closed")
        NOT_READY = "not_ready", _("it was not ready to go")
        OVERLOOKED = "overlooked", _("it was overlooked")
        NOT_SCANNED = "not_scanned", _("it went, but was not scanned")
        WEATHER = "weather", _("weather or traffic")
        OTHER = "other", _("another reason")

    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="delays")
    leg = models.CharField(max_length=8, choices=Leg)
    why = models.CharField(max_length=12, choices=Why)
    note = models.CharField(max_length=200, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["work_order", "leg"], name="delay_once_per_leg"),
        ]

    def __str__(self) -> str:
        return f"{self.work_order_id} {self.leg}: {self.why}"
