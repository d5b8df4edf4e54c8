"""Tables of counts. Lines are frozen from custody when a count opens; what was not expected is added when seen."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Custody, Device, DeviceModel
from firstbell.directory.models import Place, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission
from firstbell.tickets.models import Ticket


class Count(ScopedModel):
    """An inventory count of a scope. Without a site it is one of the whole district, for those who reach all of it.

    The figures are those at certification; until then they are read from the lines.
    """

    see = Permission.SEE_DEVICES

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SCANNING = "scanning", _("being scanned")
        RECONCILING = "reconciling", _("differences being looked into")
        CERTIFIED = "certified", _("certified")

    class Scope(models.TextChoices):
        EVERYTHING = "everything", _("everything on record there")
        PLACES = "places", _("some places")
        MODELS = "models", _("some models")
        STORE = "store", _("a storage place: stock that belongs to nobody")
        SAMPLE = "sample", _("a random sample")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="counts")
    scope = models.CharField(max_length=10, choices=Scope)
    places = models.ManyToManyField(Place, related_name="+")
    device_models = models.ManyToManyField(DeviceModel, related_name="+")
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    max_rate = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    seed = models.PositiveIntegerField(null=True, blank=True)
    population = models.PositiveIntegerField(null=True, blank=True, help_text="what the sample was drawn from")
    seal = models.CharField(max_length=40, blank=True, help_text="number of the seal or lock of a storage place")
    rehearsal = models.BooleanField(
        db_default=False, default=False, help_text="practice: proves nothing, and is in no figure"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    due_on = models.DateField()
    certified_at = models.DateTimeField(null=True, blank=True)
    certified_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expected = models.PositiveIntegerField(default=0)
    in_place = models.PositiveIntegerField(null=True, blank=True)
    missing = models.PositiveIntegerField(null=True, blank=True)
    unexpected = models.PositiveIntegerField(null=True, blank=True)
    escalated = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status="certified", certified_at__isnull=False, in_place__isnull=False)
                | (~Q(status="certified") & Q(certified_at__isnull=True)),
                name="count_certified_with_figures",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "-opened_at"], name="count_site"),
            models.Index(fields=["-certified_at"], condition=Q(status="certified"), name="count_certified"),
            models.Index(fields=["opened_at"], condition=~Q(status="certified"), name="count_under_way"),
        ]

    def __str__(self) -> str:
        return self.name


class CountLine(models.Model):
    """One device that should be there, or one that was found and should not. Reached through its count.

    ``place`` is where it should be seen: the place it rests in, or the homeroom of whoever has it. Only what rests in a
    place (``held``) can be misplaced; what people carry is wherever they are.
    """

    class Source(models.TextChoices):
        NONE = "", _("not seen")
        SCAN = "scan", _("scanned in this count")
        NUMBER = "number", _("counted by number, seal unbroken")
        SEEN = "seen", _("seen on a round")
        LOAN = "loan", _("lent or brought back")
        SWAP = "swap", _("handed in at the desk")
        RECEIVED = "received", _("arrived with a shipment")
        REPAIR = "repair", _("on the bench")
        HAND_OVER = "hand_over", _("handed over or put away")
        CHECK_IN = "check_in", _("reported by device management")

    class How(models.TextChoices):
        OPEN = "", _("open")
        PUT = "put", _("recorded where it was found")
        CARRIED = "carried", _("carried back to its place")
        FOUND = "found", _("found after all")
        REPORTED = "reported", _("reported missing")
        ESCALATED = "escalated", _("handed to somebody")

    count = models.ForeignKey(Count, on_delete=models.PROTECT, related_name="lines")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="counted")
    stranger = models.CharField(max_length=64, blank=True, help_text="the code of a thing that is on no record")
    expected = models.BooleanField()
    held = models.CharField(max_length=8, choices=Custody.Kind, blank=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    seen_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=10, choices=Source, blank=True)
    how = models.CharField(max_length=10, choices=How, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="counted")
    escalated_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    escalated_until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["count", "device"], name="counted_once"),
            models.UniqueConstraint(fields=["count", "stranger"], condition=~Q(stranger=""), name="stranger_once"),
            models.CheckConstraint(
                condition=Q(device__isnull=False, stranger="") | (Q(device__isnull=True) & ~Q(stranger="")),
                name="count_line_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(expected=True) | Q(seen_at__isnull=False), name="unexpected_was_seen"),
            models.CheckConstraint(
                condition=~Q(how="escalated")
                | (Q(escalated_to__isnull=False, escalated_until__isnull=False) & ~Q(reason="")),
                name="escalated_to_somebody_with_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["count", "place"], name="count_line_place"),
            models.Index(fields=["count", "seen_place"], name="count_line_seen"),
            models.Index(fields=["count"], condition=Q(seen_at__isnull=True), name="count_line_unseen"),
        ]

    def __str__(self) -> str:
        return self.stranger or f"{self.device_id} in {self.count_id}"
