"""Tables of what is looked at on a walk through the rooms: web filters, charging places."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.directory.models import Place, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.roles import Permission


class FilterCheck(ScopedModel):
    """One look whether a device's web filter works. Never what somebody looked at, never who has the device."""

    see = Permission.SUPERVISE_TEAM

    class Result(models.TextChoices):
        ON = "on", _("filter works")
        OFF = "off", _("filter is missing or off")
        BYPASS = "bypass", _("something works around it")

    class Outcome(models.TextChoices):
        OPEN = "", _("to be looked into")
        FIXED = "fixed", _("set right")
        FINE = "fine", _("nothing was wrong")
        REFERRED = "referred", _("told to an administrator")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="filter_checks")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="filter_checks")
    result = models.CharField(max_length=6, choices=Result)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True) | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="filter_check_settled_somehow",
            ),
            models.CheckConstraint(condition=Q(outcome="") | ~Q(result="on"), name="passed_check_needs_nobody"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "-checked_at"], name="filter_check_site"),
            models.Index(fields=["checked_at"], condition=Q(outcome="") & ~Q(result="on"), name="filter_check_open"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.result}"


class Charging(ScopedModel):
    """How many devices a room can charge at once, and how many of these places work."""

    see = Permission.MOVE_DEVICES

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="charging")
    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="charging")
    places = models.PositiveSmallIntegerField()
    working = models.PositiveSmallIntegerField()
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(working__lte=F("places")), name="no_more_work_than_there_are"),
        ]

    def __str__(self) -> str:
        return f"{self.working} of {self.places} in {self.place_id}"
