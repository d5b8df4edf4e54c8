"""Tables of spare parts. The database keeps every stock at zero or above, and no order gets more than was ordered."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Place, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.stock.models import CountedMovement, CountedStock


class PartKind(models.Model):
    """One kind of part and the models it fits; price in cents, ``lead_days`` as the supplier promises them.

    ``number`` is the maker's. Without models it fits everything.
    """

    class Sort(models.TextChoices):
        SCREEN = "screen", _("screen")
        KEYBOARD = "keyboard", _("keyboard")
        PLASTICS = "plastics", _("case parts")
        PORT_BOARD = "port_board", _("port")
        BATTERY = "battery", _("battery")
        MAINBOARD = "mainboard", _("mainboard")
        TRACKPAD = "trackpad", _("trackpad, camera or speaker")

    sort = models.CharField(max_length=12, choices=Sort)
    name = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=40, blank=True)
    supplier = models.CharField(max_length=80, blank=True)
    price_cents = models.PositiveIntegerField(default=0)
    lead_days = models.PositiveSmallIntegerField(default=0)
    fits = models.ManyToManyField(DeviceModel, related_name="part_kinds", blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        """Return what one costs."""
        return Money(self.price_cents)


class PartStock(CountedStock):
    """How many parts of a kind lie in a place."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="part_stocks")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="part_stocks")
    kind = models.ForeignKey(PartKind, on_delete=models.PROTECT, related_name="stocks")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "kind"], name="part_stock_once_per_place"),
            models.CheckConstraint(condition=Q(count__gte=0), name="part_stock_never_below_zero"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["site", "kind"], name="part_stock_site_kind")]

    def __str__(self) -> str:
        return f"{self.count} × {self.kind_id} in {self.place_id}"


class PartOrder(ScopedModel):
    """Parts that were ordered for a place. ``promised_on`` is the supplier's day; price in cents at that time."""

    see = Permission.SEE_DEVICES

    kind = models.ForeignKey(PartKind, on_delete=models.PROTECT, related_name="orders")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="part_orders")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="part_orders")
    supplier = models.CharField(max_length=80, blank=True)
    pieces = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    unit_cents = models.PositiveIntegerField(default=0)
    ordered_on = models.DateField()
    ordered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    promised_on = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pieces__gte=1, received__lte=F("pieces")), name="part_order_not_over"),
            models.CheckConstraint(condition=Q(promised_on__gte=F("ordered_on")), name="part_order_promised_later"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "kind"], condition=Q(ended_at__isnull=True), name="part_order_open"),
            models.Index(fields=["kind", "-ordered_on"], name="part_order_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.pieces} × {self.kind_id}"

    @property
    def missing(self) -> int:
        """Return how many have not come yet."""
        return self.pieces - self.received

    @property
    def promised_days(self) -> int:
        """Return within how many days it was promised."""
        return (self.promised_on - self.ordered_on).days

    @property
    def actual_days(self) -> int | None:
        """Return within how many days the last of it came; None while nothing has come."""
        return (self.received_on - self.ordered_on).days if self.received_on else None

    def late_on(self, day: date) -> bool:
        """Say whether something is still missing although its day is over."""
        return self.ended_at is None and self.promised_on < day


class PartMovement(CountedMovement):
    """One change of a stock of parts.

    ``device`` is the one a part went into or came out of. Repairs live above this area, so the number of a work order
    is plain.
    """

    class Reason(models.TextChoices):
        RECEIVED = "received", _("received")
        USED = "used", _("used in a repair")
        HARVESTED = "harvested", _("taken out of a device")
        SCRAPPED = "scrapped", _("scrapped")
        COUNTED = "counted", _("count corrected")
        SENT = "sent", _("sent to another place")
        ARRIVED = "arrived", _("came from another place")

    stock = models.ForeignKey(PartStock, on_delete=models.PROTECT, related_name="movements")
    reason = models.CharField(max_length=9, choices=Reason)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="part_movements")
    work_order_id = models.BigIntegerField(null=True)
    order = models.ForeignKey(PartOrder, on_delete=models.PROTECT, null=True, related_name="deliveries")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(reason__in=["used", "harvested"]) | Q(device__isnull=False),
                name="part_movement_names_device",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stock", "-at"], name="part_movement_stock")]

    def __str__(self) -> str:
        return f"{self.change:+} {self.reason}"
