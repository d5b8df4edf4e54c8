"""Tables of repairs. The middle states of a repair come from custody and shipments; nobody types them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.directory.models import Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission
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
    """A part that went into a repair; the price in cents at that time."""

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="parts")
    part = models.CharField(max_length=40)
    quantity = models.PositiveSmallIntegerField(default=1)
    unit_cents = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.quantity} x {self.part}"

    @property
    def cents(self) -> int:
        """Return what the line cost, in cents."""
        return self.quantity * self.unit_cents


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
