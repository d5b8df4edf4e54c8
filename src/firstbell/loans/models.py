"""Tables of loans. A loan can only be of a pool device: its key says so."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Condition, Device
from firstbell.directory.models import Person, Site
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.roles import Permission
from firstbell.tickets.models import Ticket


class PoolDevice(ScopedModel):
    """A device that is, or was, a loaner of a school's pool."""

    see = Permission.SEE_DEVICES

    device = models.OneToOneField(Device, on_delete=models.PROTECT, primary_key=True, related_name="pool")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="pool_devices")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site"], condition=Q(until__isnull=True), name="pool_site"),
        ]

    def __str__(self) -> str:
        return f"loaner {self.device_id}"


class Loan(ScopedModel):
    """A loaner in somebody's hands, with the day it is due (school days by the plan)."""

    see = Permission.SEE_DEVICES

    class Reason(models.TextChoices):
        REPAIR = "repair", _("own device in repair")
        FLAT = "flat", _("own device not charged")
        FORGOTTEN = "forgotten", _("own device at home")
        LOST = "lost", _("own device lost")
        OTHER = "other", _("other")

    device = models.ForeignKey(PoolDevice, on_delete=models.PROTECT, related_name="loans")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="loans")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="loans")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="loans")
    reason = models.CharField(max_length=10, choices=Reason)
    out_at = models.DateTimeField()
    due_on = models.DateField()
    returned_at = models.DateTimeField(null=True, blank=True)
    grade = models.CharField(max_length=8, choices=Condition.Grade, blank=True)
    kept_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(returned_at__isnull=True), name="one_open_loan_per_device"
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("out_at")), name="loan_in_order"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person"], condition=Q(returned_at__isnull=True), name="loan_open_person"),
            models.Index(fields=["site", "due_on"], condition=Q(returned_at__isnull=True), name="loan_open_due"),
        ]

    def __str__(self) -> str:
        return f"loan {self.pk}"
