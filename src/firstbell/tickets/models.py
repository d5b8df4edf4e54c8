"""Tables of tickets."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.directory.models import Person, Place, Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission


class Ticket(ScopedModel):
    """A request for help, about a device, a place, an account or anything else."""

    see = Permission.SEE_TICKETS

    class Status(models.TextChoices):
        NEW = "new", _("new")
        TRIAGED = "triaged", _("triaged")
        IN_PROGRESS = "in_progress", _("being worked on")
        WAITING = "waiting", _("waiting")
        RESOLVED = "resolved", _("solved")
        CLOSED = "closed", _("closed")

    class Channel(models.TextChoices):
        QR = "qr", _("QR code")
        WEB = "web", _("web page")
        DESK = "desk", _("tech desk")
        TEAM = "team", _("student team")
        TEACHER = "teacher", _("teacher")
        PHONE = "phone", _("phone")
        ROUND = "round", _("morning round")
        API = "api", _("another system")

    class WaitingOn(models.TextChoices):
        NOTHING = "", _("nothing")
        REPORTER = "reporter", _("the reporter")
        PARTS = "parts", _("parts")
        VENDOR = "vendor", _("the vendor")
        PICKUP = "pickup", _("the pick-up")
        REPAIR = "repair", _("the repair")
        DECISION = "decision", _("a decision")

    class Outcome(models.TextChoices):
        NONE = "", _("not yet triaged")
        SELF_HELP = "self_help", _("solved by self-help")
        TEAM = "team", _("student team")
        SCHOOL_IT = "school_it", _("school IT")
        SWAP = "swap", _("swap the device")
        MISSING = "missing", _("lost or stolen")
        ELSEWHERE = "elsewhere", _("somebody else's matter")

    class Reporter(models.TextChoices):
        STUDENT = "student", _("student")
        STAFF = "staff", _("staff")
        FAMILY = "family", _("family")
        UNKNOWN = "unknown", _("somebody")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="tickets")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets")
    reporter = models.CharField(max_length=8, choices=Reporter, default=Reporter.UNKNOWN)
    channel = models.CharField(max_length=8, choices=Channel)
    symptom = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    note_cleared = models.BooleanField(default=False)
    steps_tried = models.JSONField(default=list)
    class_stopper = models.BooleanField(default=False)
    unusable = models.BooleanField(default=True)
    quarantined = models.BooleanField(default=False, help_text="part of a flood of reports; shown apart until seen")
    status = models.CharField(max_length=12, choices=Status, default=Status.NEW)
    level = models.PositiveSmallIntegerField(default=2)
    waiting_on = models.CharField(max_length=10, choices=WaitingOn, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets_owned")
    worker = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets_worked")
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closing_reason = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField()
    triaged_at = models.DateTimeField(null=True, blank=True)
    first_answer_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(level__lte=4), name="ticket_level"),
            models.CheckConstraint(
                condition=~Q(status="waiting") | ~Q(waiting_on=""), name="ticket_waits_on_something"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site", "opened_at"], condition=~Q(status__in=["resolved", "closed"]), name="ticket_open_site"
            ),
            models.Index(
                fields=["device"],
                condition=Q(unusable=True) & ~Q(status__in=["resolved", "closed"]),
                name="ticket_open_unusable",
            ),
            models.Index(fields=["resolved_at"], condition=Q(resolved_at__isnull=False), name="ticket_resolved"),
            models.Index(fields=["device", "-opened_at"], name="ticket_device"),
            models.Index(fields=["person", "-opened_at"], name="ticket_person"),
        ]

    def __str__(self) -> str:
        return self.code


class WhyUp(models.TextChoices):
    """Why somebody hands a ticket up a level (S59)."""

    SKILLS = "skills", _("nobody here can solve it")
    RIGHTS = "rights", _("it needs rights we don't have")
    PARTS = "parts", _("it needs a part or a tool")
    DECISION = "decision", _("somebody above has to decide")
    TIME = "time", _("no time for it here")
    OTHER = "other", _("another reason")


class Phase(models.Model):
    """A stretch of a ticket's life in one state. Clocks derive from these, never the other way round."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="phases")
    status = models.CharField(max_length=12, choices=Ticket.Status)
    level = models.PositiveSmallIntegerField()
    waiting_on = models.CharField(max_length=10, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(until__isnull=True), name="one_phase_per_ticket"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="phase_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.status}"


class Message(models.Model):
    """One contribution to a ticket's conversation."""

    class Audience(models.TextChoices):
        REPORTER = "reporter", _("the reporter too")
        STAFF = "staff", _("staff only")

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    audience = models.CharField(max_length=8, choices=Audience)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    from_reporter = models.BooleanField(default=False)
    body = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"message {self.pk}"


class StatusLink(models.Model):
    """A reporter's way back to one ticket: a 160-bit token, stored hashed, expiring.

    One of a ``receipt`` leads to what was handed in and where it is, never to words: others may have written them.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    receipt = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"link to {self.ticket_id}"


class Tally(models.Model):
    """How many reports or messages came from one source in one stretch of time. The key names nobody."""

    key = models.CharField(max_length=80, primary_key=True)
    number = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key} {self.number}"


class TeamSkill(ScopedModel):
    """How far a student helper is with one kind of task of the team, and which adult says so (S49).

    ``skill`` is a symptom of the decision tree. Without a row the plan's starting set says what a helper may take.
    """

    see = Permission.SUPERVISE_TEAM

    class Level(models.TextChoices):
        LOCKED = "locked", _("not yet")
        LEARNING = "learning", _("learning")
        TRUSTED = "trusted", _("trusted")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="skills")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    skill = models.CharField(max_length=40)
    level = models.CharField(max_length=8, choices=Level)
    signed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "site", "skill"], name="team_skill_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.skill} {self.level}"


class HungPoster(models.Model):
    """The poster that hangs in a room: which version of the tree and texts it shows, and since when (S39, S40)."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE, related_name="poster")
    version = models.CharField(max_length=12)
    hung_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    hung_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.place_id} {self.version}"
