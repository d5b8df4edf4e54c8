"""Tables of the two big days. Both hold what was done there; where a device is stays custody's business."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Condition, Device
from firstbell.directory.models import ClassGroup, Person, Place, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.roles import Permission


class Collection(ScopedModel):
    """The collecting of a school's devices: which grades (none named: everybody), until when, and where they go."""

    see = Permission.LEND

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="collections")
    grades = models.JSONField(default=list)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="collections")
    until = models.DateField()
    chargers = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(closed_at__isnull=True), name="one_open_collection_per_site"
            ),
        ]

    def __str__(self) -> str:
        return f"collection {self.pk}"


class Collected(ScopedModel):
    """One device that came back: by whom it was brought, in which condition, with or without its charger."""

    see = Permission.LEND

    class Charger(models.TextChoices):
        HERE = "here", _("with its charger")
        MISSING = "missing", _("without its charger")
        NOT_ASKED = "not_asked", _("no charger expected")

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="collected")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="collected")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    grade = models.CharField(max_length=8, choices=Condition.Grade)
    damage = models.CharField(max_length=30, blank=True)
    charger = models.CharField(max_length=9, choices=Charger)
    at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["collection", "device"], name="collected_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["collection", "-at", "-id"], name="collected_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} in {self.collection_id}"


class HandOut(ScopedModel):
    """The handing out of devices to one homeroom. ``chargers``: each device gets one from the school's stock."""

    see = Permission.LEND

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hand_outs")
    class_group = models.ForeignKey(ClassGroup, on_delete=models.PROTECT, related_name="hand_outs")
    chargers = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["class_group"], condition=Q(closed_at__isnull=True), name="one_open_hand_out_per_class"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="hand_out_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"hand-out {self.pk}"


class Turn(models.Model):
    """One student's turn: given a device, or skipped. What is undone stays, with when."""

    hand_out = models.ForeignKey(HandOut, on_delete=models.PROTECT, related_name="turns")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="turns")
    from_place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    new_owner = models.BooleanField(default=False)
    charger = models.BooleanField(default=False)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["hand_out", "person"], condition=Q(undone_at__isnull=True), name="one_turn_per_student"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.hand_out_id}"
