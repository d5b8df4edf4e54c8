"""Tables of the courier. The database keeps one open request a site, and one run for each van and day."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from firstbell.directory.models import Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission


class PickupRequest(ScopedModel):
    """A site's wish to be visited, open until its box is empty or the wish is withdrawn.

    ``wanted_on`` is the first local day on which a visit helps. A run takes it up by a stop; a visit in vain leaves it
    open.
    """

    see = Permission.SHIP

    class Reason(models.TextChoices):
        DAY = "day", _("the courier's day")
        NUMBER = "number", _("enough devices wait")
        AGE = "age", _("the oldest has waited long enough")
        HAND = "hand", _("asked by hand")

    class End(models.TextChoices):
        COLLECTED = "collected", _("everything was collected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EMPTY = "empty", _("nothing waited any more")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="pickup_requests")
    reason = models.CharField(max_length=8, choices=Reason)
    wanted_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=10, choices=End, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site"], condition=Q(ended_at__isnull=True), name="one_open_request"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                name="request_ends_somehow",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("asked_at")), name="request_in_order"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "-ended_at"], name="request_site"),
        ]

    def __str__(self) -> str:
        return f"request of {self.site_id}"


class Run(ScopedModel):
    """The route of one van on one day. Length in metres; ``by_name`` when coordinates were missing."""

    see = Permission.TRANSPORT

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        DRIVING = "driving", _("under way")
        ENDED = "ended", _("over")
        CANCELLED = "cancelled", _("called off")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    depot = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="runs")
    day = models.DateField()
    van = models.PositiveSmallIntegerField()
    capacity = models.PositiveSmallIntegerField()
    driver = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    metres = models.PositiveIntegerField(default=0)
    by_name = models.BooleanField(default=False)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["depot", "day", "van"], condition=~Q(status="cancelled"), name="one_run_per_van_and_day"
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="van_carries_something"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-day", "van"], name="run_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.van}"

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Runs from these depots, or that visit these sites."""
        return Q(depot_id__in=sites) | Q(Exists(Stop.objects.filter(run=OuterRef("pk"), site_id__in=sites)))


class Stop(models.Model):
    """One visit of a run. Planned numbers first, then what happened; ``arrives_at`` is when it was expected."""

    class Outcome(models.TextChoices):
        OPEN = "", _("still to come")
        VISITED = "visited", _("visited")
        FAILED = "failed", _("in vain")

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="stops")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="stops")
    request = models.ForeignKey(PickupRequest, on_delete=models.PROTECT, null=True, related_name="stops")
    position = models.PositiveSmallIntegerField()
    expected = models.PositiveSmallIntegerField(default=0)
    to_bring = models.PositiveSmallIntegerField(default=0)
    arrives_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    reason = models.CharField(max_length=20, blank=True)
    collected = models.PositiveSmallIntegerField(default=0)
    brought = models.PositiveSmallIntegerField(default=0)
    left = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "site"], name="stop_once_a_run"),
            models.UniqueConstraint(fields=["run", "position"], name="stop_position_once"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True) | ~Q(outcome="") & Q(settled_at__isnull=False),
                name="stop_settled_somehow",
            ),
            models.CheckConstraint(condition=Q(outcome="failed") | Q(reason=""), name="stop_fails_for_a_reason"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site"], condition=Q(outcome=""), name="stop_open_site"),
        ]

    def __str__(self) -> str:
        return f"stop {self.position} of {self.run_id}"
