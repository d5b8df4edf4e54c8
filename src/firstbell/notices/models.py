"""Tables of notices. A row holds ids and codes; its words are made when it is read, in the reader's language."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device, Shipment
from firstbell.directory.models import Site, User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.tickets.models import Ticket


class Notice(ScopedModel):
    """One thing that one user is told. ``effect_id`` makes "at least once" into once."""

    class Kind(models.TextChoices):
        CLASS_STOPPER = "class_stopper", _("A class cannot go on")
        NEW_TICKET = "new_ticket", _("New ticket")
        HANDED_UP = "handed_up", _("From the student team")
        SHIPMENT_SHORT = "shipment_short", _("Devices missing on arrival")
        REPAIR_CHECKED = "repair_checked", _("Repair done")
        REPAIRS_AT_SCHOOL = "repairs_at_school", _("Repaired devices arrived")
        SILENT = "silent", _("No news")
        CLOSET = "closet", _("Broken and waiting")
        LOAN_OVERDUE = "loan_overdue", _("Loaner overdue")
        PICKUP_LATE = "pickup_late", _("Waiting for the courier too long")
        HAND_BACK_LATE = "hand_back_late", _("Repaired and not handed back")
        UNTOUCHED = "untouched", _("Reported and not looked at")
        PICKUP_SOON = "pickup_soon", _("Due for pick-up soon")
        NOT_RECEIVED = "not_received", _("Shipment not scanned in")
        VENDOR_OVERDUE = "vendor_overdue", _("Overdue at a vendor")
        CASE_STEP = "case_step", _("Missing device")
        REFERRED = "referred", _("Referral")
        KIT_SHORT = "kit_short", _("Kit to be filled")
        STORE_UNCOUNTED = "store_uncounted", _("Storage not counted")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    effect_id = models.CharField(max_length=100, unique=True)
    event_id = models.BigIntegerField(null=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="notices")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, related_name="notices")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, null=True, related_name="notices")
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, null=True, related_name="notices")
    number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-created_at"], name="notice_user"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["created_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"

    @classmethod
    def reach(cls, actor: Actor, permission: Permission) -> Q | None:  # noqa: ARG003 - roles reach no notice
        """A notice reaches the one it was written to, and nobody else."""
        return Q(user_id=actor.user_id)


class MailWish(models.Model):
    """Whether a user wants a group of notices by mail. Without a row, what is usual holds (``rules.USUAL``)."""

    class Group(models.TextChoices):
        URGENT = "urgent", _("A class cannot go on")
        DEVICES = "devices", _("Where devices are")
        WAITING = "waiting", _("What waits too long")
        CASES = "cases", _("Missing devices and referrals")
        TICKETS = "tickets", _("Every ticket that becomes mine")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_wishes")
    group = models.CharField(max_length=10, choices=Group)
    wanted = models.BooleanField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "group"], name="mail_wish_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group} to {self.user_id}"


class Letter(ScopedModel):
    """What is to leave the house by mail: one notice to its reader, or the question whether an address is theirs.

    The worker's own outbox: written with the notice, taken by one worker at a time, settled once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        READ = "read", _("read in Firstbell before it left")
        LATE = "late", _("too old to be sent")
        FAILED = "failed", _("could not be delivered")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="letters")
    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, null=True, related_name="letter")
    address = models.CharField(max_length=254, blank=True)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(notice__isnull=True) | Q(address=""), name="letter_one_purpose"),
            models.CheckConstraint(condition=Q(state="waiting") | Q(ended_at__isnull=False), name="letter_ended"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-urgent", "next_try_at"], condition=Q(state="waiting"), name="letter_due"),
            models.Index(fields=["user", "-made_at"], name="letter_user"),
            models.Index(fields=["ended_at"], condition=Q(state="failed"), name="letter_failed"),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk} to {self.user_id}"

    @classmethod
    def reach(cls, actor: Actor, permission: Permission) -> Q | None:  # noqa: ARG003 - roles reach no letter
        """A letter reaches the one it was written to, and nobody else."""
        return Q(user_id=actor.user_id)
