"""Tables of vendors. A vendor is a site; where a device is at this moment is told by custody, here as everywhere."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device, Shipment
from firstbell.directory.models import Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder


class VendorStatus(models.TextChoices):
    """What a vendor's own words can mean to us."""

    RECEIVED = "received", _("received")
    WORKING = "working", _("being repaired")
    PARTS = "parts", _("waits for a part")
    ASKS = "asks", _("waits for our answer")
    REPAIRED = "repaired", _("repaired")
    SENT_BACK = "sent_back", _("on its way back")
    BEYOND = "beyond", _("cannot be repaired")


class VendorAnswer(models.Model):
    """A vendor's answer to one of our questions, from-to. A changed answer is a new row."""

    vendor = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="vendor_answers")
    key = models.CharField(max_length=20)
    value = models.CharField(max_length=20)
    clause = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["vendor", "key"], condition=Q(until__isnull=True), name="vendor_answer_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="vendor_answer_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.key}"


class StatusWord(models.Model):
    """What one of a vendor's own status words means. The word is kept in one form: small letters, single spaces."""

    vendor = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="status_words")
    word = models.CharField(max_length=60)
    means = models.CharField(max_length=10, choices=VendorStatus)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["vendor", "word"], name="status_word_once"),
        ]

    def __str__(self) -> str:
        return f"{self.word} = {self.means}"


class Parcel(models.Model):
    """What a carrier knows of a shipment from or to a vendor: who carries it, its number, its box, what it cost."""

    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="parcel")
    carrier = models.CharField(max_length=40, blank=True)
    number = models.CharField(max_length=60, blank=True)
    box = models.CharField(max_length=40, blank=True)
    cents = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["number"], name="parcel_number")]

    def __str__(self) -> str:
        return f"parcel of {self.shipment_id}"


class VendorCase(ScopedModel):
    """A repair handed to a vendor. ``site`` is the device's school, ``owner`` who looks after the case (S65).

    ``return_to`` is where it comes back to, as the plan said when the case began (S68). ``heard`` is the vendor's own
    word as it came, ``means`` what it means to us, empty while nobody has said so.
    """

    see = Permission.SEE_DEVICES

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        REPAIRED = "repaired", _("repaired")
        NOT_REPAIRED = "not_repaired", _("came back unrepaired")
        BEYOND = "beyond", _("cannot be repaired")
        CALLED_OFF = "called_off", _("called off before it was sent")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="vendor_cases")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="vendor_cases")
    vendor = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="vendor_cases")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    return_to = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    out = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_out")
    back = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_back")
    promised_on = models.DateField(null=True, blank=True)
    heard = models.CharField(max_length=60, blank=True)
    means = models.CharField(max_length=10, choices=VendorStatus, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    cents = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["work_order"], condition=Q(outcome=""), name="one_open_case_per_repair"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="case_ends_somehow",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "opened_at"], condition=Q(outcome=""), name="case_open_owner"),
            models.Index(fields=["vendor", "number"], name="case_number"),
            models.Index(fields=["device"], name="case_device"),
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Cases of devices of these sites, and cases that these sites look after."""
        return Q(site_id__in=sites) | Q(owner_id__in=sites)

    @property
    def cost(self) -> Money:
        """Return what the vendor asked for it."""
        return Money(self.cents)

    @property
    def is_open(self) -> bool:
        """Say whether it is still under way."""
        return not self.outcome


class Feed(models.Model):
    """A vendor's list, or the text of its mail, as it was read: looked through first, then taken over.

    A row holds what the vendor writes of a device: a case number or serial, its word, days and tracking number.
    """

    vendor = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="feeds")
    rows = models.JSONField(default=list)
    handed_in_at = models.DateTimeField()
    handed_in_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["vendor", "-handed_in_at"], name="feed_vendor")]

    def __str__(self) -> str:
        return f"feed {self.pk}"
