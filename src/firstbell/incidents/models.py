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
        LOST = damage.Cause.LOST.value, _("loss")
        STOLEN = damage.Cause.STOLEN.value, _("theft")

    class Where(models.TextChoices):
        CAMPUS = "campus", _("at school")
        OUTSIDE = "outside", _("outside school")
        VEHICLE = "vehicle", _("from a vehicle")

    class Circumstance(models.TextChoices):
        UNKNOWN = "", _("not known yet")
        VISIBLE = "visible", _("it lay where it could be seen")
        HIDDEN = "hidden", _("it was out of sight")
        FORCED = "forced", _("something was broken open")
        UNATTENDED = "unattended", _("nobody was with it")
        TAKEN = "taken", _("it was taken from somebody")

    class Outcome(models.TextChoices):
        OPEN = "", _("being searched")
        FOUND = "found", _("found")
        WRITTEN_OFF = "written_off", _("written off")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="incidents")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="incidents")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents")
    cause = models.CharField(max_length=12, choices=Cause)
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="incidents")
    holder_kind = models.CharField(max_length=10, choices=Person.Kind, blank=True)
    where = models.CharField(max_length=8, choices=Where, blank=True)
    circumstance = models.CharField(max_length=10, choices=Circumstance, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(cause__in=sorted(damage.GONE)) | Q(outcome="", where=""), name="damage_is_not_searched"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="incident_ends_somehow",
            ),
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(cause__in=sorted(damage.GONE), outcome=""),
                name="searched_once_at_a_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "-happened_at"], name="incident_device"),
            models.Index(
                fields=["site", "noted_at"],
                condition=Q(cause__in=sorted(damage.GONE), outcome=""),
                name="incident_searched",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.cause}"

    @property
    def gone(self) -> bool:
        """Say whether the device is missing, rather than damaged."""
        return self.cause in damage.GONE

    @property
    def searched(self) -> bool:
        """Say whether the device is being searched."""
        return self.gone and not self.outcome


class StepDone(models.Model):
    """One step of a case that was done, with what was written down for it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    code = models.CharField(max_length=20)
    text = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["incident", "code"], name="step_done_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.incident_id}"


class Referral(ScopedModel):
    """An incident that an administrator looks at, with facts only. What they decide is not IT's to know (S116)."""

    see = Permission.DECIDE_REFERRALS

    class Why(models.TextChoices):
        REPEAT = "repeat", _("it happened several times within a year")
        ASKED = "asked", _("the desk asks an administrator to look at it")

    class Outcome(models.TextChoices):
        OPEN = "", _("to be looked at")
        NOTHING = "nothing", _("nothing further")
        TALK = "talk", _("talked about, with an agreement")
        SCHOOL = "school", _("taken up under the school's rules")

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="referral")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="referrals")
    why = models.CharField(max_length=8, choices=Why)
    times = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "made_at"], condition=Q(outcome=""), name="referral_open"),
        ]

    def __str__(self) -> str:
        return f"referral of {self.incident_id}"
