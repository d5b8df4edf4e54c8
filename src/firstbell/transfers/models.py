"""Tables of files in transit. A row holds what is to be done and how far it is; the file lies beside the database."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from firstbell.directory.models import User
from firstbell.directory.scope import ScopedModel
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission


class Transfer(ScopedModel):
    """What both directions share. ``file`` is a name that nobody can guess; "" once the file is gone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    file = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=12)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True

    @classmethod
    def reach(cls, actor: Actor, permission: Permission) -> Q | None:  # noqa: ARG003 - roles reach nobody's files
        """A file in transit reaches the one who sent or ordered it, and nobody else."""
        return Q(user_id=actor.user_id)


class Upload(Transfer):
    """A list of devices that waits to be imported. ``options`` say how it is to be read, ``counts`` what came of it."""

    class State(models.TextChoices):
        KEPT = "kept", _("to be looked through")
        CHECKING = "checking", _("being looked through")
        CHECKED = "checked", _("looked through")
        APPLYING = "applying", _("being imported")
        APPLIED = "applied", _("imported")
        FAILED = "failed", _("stopped")

    name = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.KEPT)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    said = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-created_at"], name="upload_user"),
            models.Index(fields=["expires_at"], name="upload_expiry"),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class Download(Transfer):
    """An export that is written in the background. ``asked`` is what its page's address asked for."""

    class State(models.TextChoices):
        ORDERED = "ordered", _("being written")
        READY = "ready", _("ready")
        FAILED = "failed", _("stopped")

    listing = models.CharField(max_length=40)
    form = models.CharField(max_length=8)
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.ORDERED)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-created_at"], name="download_user"),
            models.Index(fields=["expires_at"], name="download_expiry"),
        ]

    def __str__(self) -> str:
        return f"download {self.pk} of {self.listing}"
