"""Tables of the ledger. Operation, Event and About are append-only: the database refuses every change."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Operation(models.Model):
    """One command of a client, kept for ever: the same id again answers the same."""

    id = models.UUIDField(primary_key=True)
    verb = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=12)
    actor_user_id = models.BigIntegerField(null=True)
    fingerprint = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"


class Event(models.Model):
    """One fact: what happened, by whom, when it happened (claimed) and when we heard of it (orders the ledger)."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=12)
    actor_user_id = models.BigIntegerField(null=True)
    operation_id = models.UUIDField()
    facts = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "happened_at"], name="event_kind_time"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class About(models.Model):
    """One subject of an event. A plain reference, no foreign key: history outlives what it is about."""

    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="about", db_index=False)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_kind", "subject_id", "-event"], name="about_subject"),
            models.Index(fields=["event"], name="about_event"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"


class Outbox(models.Model):
    """An event that still waits for its reactions. Written with the event, removed when all reactions have run."""

    event = models.OneToOneField(Event, on_delete=models.DO_NOTHING, primary_key=True, related_name="outbox")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["next_try_at"], name="outbox_next")]

    def __str__(self) -> str:
        return f"outbox {self.event_id}"
