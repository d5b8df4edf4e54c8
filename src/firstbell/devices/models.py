"""Tables of devices. The database itself keeps the rules: one hand or place, one owner, one open shipment a device."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.directory.models import ClassGroup, Person, Place, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission


class DeviceModel(models.Model):
    """A maker's model. ``support_ends`` is the day after which it gets no updates."""

    class Kind(models.TextChoices):
        CHROMEBOOK = "chromebook", _("Chromebook")
        IPAD = "ipad", _("iPad")
        WINDOWS = "windows", _("Windows laptop")
        MAC = "mac", _("Mac")
        OTHER = "other", _("other")

    manufacturer = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    support_ends = models.DateField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["manufacturer", "name"], name="device_model_once"),
        ]

    def __str__(self) -> str:
        return f"{self.manufacturer} {self.name}".strip()


class Device(ScopedModel):
    """One serial-numbered machine with an asset tag.

    Where it is = its open custody; whose it is = its open assignment; the status says what may happen next.
    ``at_site`` repeats the site of the open custody, so that reach needs no join (kept by the same verb).
    ``is_loaner`` repeats the loaner pool, so that a loaner is never given away as if it were anybody's.
    """

    see = Permission.SEE_DEVICES

    class Status(models.TextChoices):
        IN_STOCK = "in_stock", _("in stock")
        IN_SERVICE = "in_service", _("in service")
        IN_REPAIR = "in_repair", _("in repair")
        LOST = "lost", _("lost")
        STOLEN = "stolen", _("stolen")
        QUARANTINED = "quarantined", _("set aside")
        RETIRED = "retired", _("retired")

    tag = models.CharField(max_length=40, unique=True)
    serial = models.CharField(max_length=60)
    code = models.CharField(max_length=12, unique=True, default=new_code)
    model = models.ForeignKey(DeviceModel, on_delete=models.PROTECT, related_name="devices")
    status = models.CharField(max_length=12, choices=Status, default=Status.IN_STOCK)
    is_loaner = models.BooleanField(default=False, help_text="kept by the database as the loaner pool changes")
    home_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="home_devices")
    at_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="devices_here")
    purchased_on = models.DateField(null=True, blank=True)
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    funding_source = models.CharField(max_length=80, blank=True)
    order_number = models.CharField(max_length=60, blank=True)
    warranty_until = models.DateField(null=True, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["model", "serial"], name="serial_once_per_model"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["home_site", "status"], name="device_home_status"),
            models.Index(fields=["at_site", "status"], name="device_at_status"),
            models.Index(
                fields=["status"], condition=Q(status__in=["quarantined", "in_repair"]), name="device_set_aside"
            ),
        ]

    def __str__(self) -> str:
        return self.tag

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Devices that belong to these sites or are there now."""
        return Q(home_site_id__in=sites) | Q(at_site_id__in=sites)


class Award(models.Model):
    """What federal rules ask of a device that an award paid for (2 CFR 200.313(d)); most devices have none.

    ``fain`` names the award; the share is in hundredths of a percent, the price of disposition in cents.
    """

    device = models.OneToOneField(Device, on_delete=models.PROTECT, related_name="award")
    fain = models.CharField(max_length=40, blank=True)
    title_holder = models.CharField(max_length=80, blank=True)
    federal_share = models.PositiveSmallIntegerField(null=True, blank=True)
    disposition = models.CharField(max_length=80, blank=True)
    disposed_on = models.DateField(null=True, blank=True)
    disposed_cents = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(federal_share__isnull=True) | Q(federal_share__lte=100_00),
                name="award_share_in_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"award {self.fain} of {self.device_id}"

    @property
    def percent(self) -> str:
        """Return the federal share as people write it; nothing when it is not known."""
        return "" if self.federal_share is None else f"{self.federal_share / 100:.2f}".rstrip("0").rstrip(".")


class DeviceCode(models.Model):
    """What a device is found by: tag, serial, the end of its serial, label code, IMEI, ICCID, phone number."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=64, db_collation="C")

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["code"], name="device_code")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "code"], name="device_code_once"),
        ]

    def __str__(self) -> str:
        return self.code


class OldLabel(models.Model):
    """A label code that was replaced: it is never given out again and says so to whoever scans it."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="old_labels")
    code = models.CharField(max_length=12, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code


class OldSerial(models.Model):
    """A serial number, and perhaps an IMEI, that a device had before its board was replaced: still found by it."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="old_serials")
    serial = models.CharField(max_length=60)
    imei = models.CharField(max_length=15, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "serial"], name="old_serial_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["serial"], name="old_serial")]

    def __str__(self) -> str:
        return self.serial


class MobileLine(models.Model):
    """The mobile line of a device, from-to: SIM, equipment and phone number, as the carrier knows them."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="lines")
    imei = models.CharField(max_length=15, blank=True)
    iccid = models.CharField(max_length=22, blank=True)
    eid = models.CharField(max_length=32, blank=True)
    mdn = models.CharField(max_length=15, blank=True)
    carrier = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(until__isnull=True), name="one_line_per_device"),
            models.UniqueConstraint(
                fields=["iccid"], condition=Q(until__isnull=True) & ~Q(iccid=""), name="sim_in_one_device"
            ),
        ]

    def __str__(self) -> str:
        return f"line of {self.device_id}"


class Assignment(models.Model):
    """Whose a device is: “this belongs to this person or class”. Repair, loan, lock and summer storage never end it.

    ``reason`` says why somebody who has a device of their own has this one too (S126); empty for the only one.
    """

    class Reason(models.TextChoices):
        COURSE = "course", _("needed for a course")
        HOME = "home", _("one stays at home")
        WORK = "work", _("needed for work at school")
        INSTEAD = "instead", _("until the other goes back")
        OTHER = "other", _("another reason")
        LIST = "list", _("so said the imported list")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="assignments")
    class_group = models.ForeignKey(ClassGroup, on_delete=models.PROTECT, null=True, related_name="assignments")
    reason = models.CharField(max_length=8, choices=Reason, blank=True, default="", db_default="")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(until__isnull=True), name="one_owner_per_device"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, class_group__isnull=True)
                | Q(person__isnull=True, class_group__isnull=False),
                name="assignment_has_one_owner",
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="assignment_order"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person"], condition=Q(until__isnull=True), name="assignment_open_person"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} of {self.person_id or self.class_group_id}"


class Shipment(ScopedModel):
    """Devices that travel together between two sites. Its code is on the manifest and on the box."""

    see = Permission.SEE_DEVICES

    class Status(models.TextChoices):
        PACKING = "packing", _("being packed")
        SENT = "sent", _("on its way")
        PARTLY_RECEIVED = "partly_received", _("partly received")
        RECEIVED = "received", _("received")
        CLOSED = "closed", _("closed")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    from_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="shipments_out")
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="shipments_in")
    status = models.CharField(max_length=16, choices=Status, default=Status.PACKING)
    packed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    carrier = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(from_site=F("to_site")), name="shipment_goes_elsewhere"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to_site", "status"], name="shipment_to"),
            models.Index(fields=["from_site", "status"], name="shipment_from"),
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Shipments from or to these sites: both hand-overs see the manifest."""
        return Q(from_site_id__in=sites) | Q(to_site_id__in=sites)


class ShipmentItem(models.Model):
    """One line of a manifest. Open until the device is scanned in."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="items")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="travels")
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(received_at__isnull=True), name="one_open_shipment_per_device"
            ),
            models.UniqueConstraint(fields=["shipment", "device"], name="manifest_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} in {self.shipment_id}"


class Custody(models.Model):
    """Where a device is: “in this hand or place”, from-to. Intervals touch; the database refuses gaps."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        PLACE = "place", _("place")
        SHIPMENT = "shipment", _("shipment")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="custodies")
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="custodies")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="custodies")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True, related_name="custodies")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(until__isnull=True), name="one_custody_per_device"),
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False, place__isnull=True, shipment__isnull=True)
                | Q(kind="place", person__isnull=True, place__isnull=False, shipment__isnull=True)
                | Q(kind="shipment", person__isnull=True, place__isnull=True, shipment__isnull=False),
                name="custody_one_holder",
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="custody_in_order"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "-since"], name="custody_device_since"),
            models.Index(fields=["place"], condition=Q(until__isnull=True), name="custody_open_place"),
            models.Index(fields=["person"], condition=Q(until__isnull=True), name="custody_open_person"),
            models.Index(fields=["shipment"], condition=Q(until__isnull=True), name="custody_open_shipment"),
            models.Index(fields=["site", "kind"], condition=Q(until__isnull=True), name="custody_open_site"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} with {self.kind} {self.holder_id}"

    @property
    def holder_id(self) -> int:
        """Return the id of the person, place or shipment."""
        return int(self.person_id or self.place_id or self.shipment_id or 0)


class Condition(models.Model):
    """The condition of a device as found at a hand-over, noted before the next holder has it."""

    class Grade(models.TextChoices):
        GOOD = "good", _("good")
        WORN = "worn", _("worn")
        DAMAGED = "damaged", _("damaged")
        DEAD = "dead", _("does not work")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="conditions")
    grade = models.CharField(max_length=8, choices=Grade)
    marks = models.JSONField(default=list)
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="conditions")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["device", "-noted_at"], name="condition_device")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.grade}"


class Phone(models.Model):
    """One installation of the scanner on a phone. Its scans are applied in the order of their numbers."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="phones")
    next_seq = models.PositiveBigIntegerField(default=1)
    first_seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"phone {self.id}"


class HeldScan(models.Model):
    """A scan that waits for one before it; removed once it is applied or kept as a conflict."""

    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="held")
    seq = models.PositiveBigIntegerField()
    op = models.UUIDField(unique=True)
    content = models.JSONField()
    delivered_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["phone", "seq"], name="held_scan_once"),
        ]

    def __str__(self) -> str:
        return f"{self.phone_id} {self.seq}"


class ScanConflict(ScopedModel):
    """A scan that no longer fitted when it arrived: kept for a person, never dropped, never guessed.

    ``code`` is that of the refusal. ``site`` is where it was scanned, as far as that is known.
    """

    see = Permission.SEE_DEVICES

    class How(models.TextChoices):
        OPEN = "", _("to be settled")
        DONE_NOW = "done_now", _("done now")
        MOOT = "moot", _("no longer true")

    op = models.UUIDField(unique=True)
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="conflicts")
    seq = models.PositiveBigIntegerField()
    content = models.JSONField()
    code = models.CharField(max_length=40)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="scan_conflicts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="scan_conflicts")
    happened_at = models.DateTimeField()
    delivered_at = models.DateTimeField()
    delivered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    how = models.CharField(max_length=10, choices=How, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(how="", settled_at__isnull=True) | (~Q(how="") & Q(settled_at__isnull=False)),
                name="conflict_settled_somehow",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "delivered_at"], condition=Q(how=""), name="conflict_open_site"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.op}"
