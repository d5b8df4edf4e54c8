"""Tables of incidents. Who had the device is read from custody at that time; the database holds that it fits."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Custody, Device
from firstbell.directory.models import Person, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel import damage
from firstbell.kernel.roles import Permission
from firstbell.tickets.models import Ticket


class Incident(ScopedModel):
    """Something that happened to a device. Damage belongs to whoever had custody when it happened."""

    see = Permission.SEE_DEVICES

    class Cause(models.TextChoices):
        ACCIDENTAL = damage.Cause.ACCIDENTAL.value, _("accident")
        LIQUID = damage.Cause.LIQUID.value, _("liquid")
        WEAR = damage.Cause.WEAR.value, _("wear")
        DEFECT = damage.Cause.DEFECT.value, _("fault of the device")
        UNKNOWN = damage.Cause.UNKNOWN.value, _("not known")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="incidents")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="incidents")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents")
    cause = models.CharField(max_length=12, choices=Cause)
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="incidents")
    holder_kind = models.CharField(max_length=10, choices=Person.Kind, blank=True)
    happened_at = models.DateTimeField()
    found_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(found_at__gte=F("happened_at"), noted_at__gte=F("found_at")), name="incident_in_order"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "-happened_at"], name="incident_device"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.cause}"
