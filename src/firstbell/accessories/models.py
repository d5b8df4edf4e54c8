"""Tables of accessories. The database keeps every stock at zero or above."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Person, Place, Site
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.roles import Permission
from firstbell.stock.models import CountedMovement, CountedStock


class AccessoryKind(models.Model):
    """One kind of charger, cord, case or stylus, and the models it fits; price in cents."""

    class Sort(models.TextChoices):
        CHARGER = "charger", _("charger")
        CORD = "cord", _("cord")
        CASE = "case", _("case")
        STYLUS = "stylus", _("stylus")
        BOX = "box", _("reusable box")

    sort = models.CharField(max_length=8, choices=Sort)
    name = models.CharField(max_length=80, unique=True)
    price_cents = models.PositiveIntegerField(default=0)
    fits = models.ManyToManyField(DeviceModel, related_name="accessory_kinds", blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Stock(CountedStock):
    """How many of a kind lie in a place, and from which number on somebody orders more."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="accessory_stocks")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="accessory_stocks")
    kind = models.ForeignKey(AccessoryKind, on_delete=models.PROTECT, related_name="stocks")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "kind"], name="stock_once_per_place"),
            models.CheckConstraint(condition=Q(count__gte=0), name="stock_never_below_zero"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["site", "kind"], name="stock_site_kind")]

    def __str__(self) -> str:
        return f"{self.count} × {self.kind_id} in {self.place_id}"


class Movement(CountedMovement):
    """One change of a stock, and what was left: the sum of all changes is the count."""

    class Reason(models.TextChoices):
        RECEIVED = "received", _("received")
        ISSUED = "issued", _("issued")
        LENT = "lent", _("lent for the day")
        REPLACED = "replaced", _("replaced")
        RETURNED = "returned", _("came back")
        COUNTED = "counted", _("count corrected")

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="movements")
    reason = models.CharField(max_length=9, choices=Reason)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stock", "-at"], name="movement_stock")]

    def __str__(self) -> str:
        return f"{self.change:+} {self.reason}"


class Holding(ScopedModel):
    """An accessory that somebody has, or that goes with a device, from-to; how it ended says what became of it."""

    see = Permission.SEE_DEVICES

    class Why(models.TextChoices):
        ISSUED = "issued", _("with the device")
        DAY = "day", _("for the day")
        FOUND = "found", _("not written down before")

    class End(models.TextChoices):
        RETURNED = "returned", _("came back")
        LOST = "lost", _("lost")
        BROKEN = "broken", _("broken")

    kind = models.ForeignKey(AccessoryKind, on_delete=models.PROTECT, related_name="holdings")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="accessory_holdings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="accessories")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="accessories")
    why = models.CharField(max_length=6, choices=Why)
    since = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=8, choices=End, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(device__isnull=False), name="holding_has_a_holder"
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="holding_in_order"),
            models.CheckConstraint(
                condition=Q(until__isnull=True, end="") | Q(until__isnull=False) & ~Q(end=""),
                name="holding_ends_somehow",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person"], condition=Q(until__isnull=True), name="holding_open_person"),
            models.Index(fields=["device"], condition=Q(until__isnull=True), name="holding_open_device"),
            models.Index(fields=["site", "until"], condition=Q(end="lost"), name="holding_lost"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} with {self.person_id or self.device_id}"
