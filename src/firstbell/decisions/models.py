"""Answers to the plan's questions. A changed answer closes the earlier row; nothing is overwritten."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from firstbell.directory.models import Site, User


class Answer(models.Model):
    """One typed answer, for the district (no site) or a school, in force from-to."""

    key = models.CharField(max_length=60)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    value = models.JSONField()
    reason = models.TextField(blank=True)
    alternatives = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["key", "site"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="answer_in_force_once",
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="answer_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.site_id}"


class Edition(models.Model):
    """The plan as it was published one day: its answers and fee rows as codes, its statement, who stands for it.

    ``answers`` holds [key, site or null, value] of every answer in force, ``undecided`` the keys without one, ``fees``
    the rows of the fee policy. Words are made from them when it is read, in the reader's language.
    """

    number = models.PositiveIntegerField(unique=True)
    statement = models.TextField()
    signed_as = models.CharField(max_length=120)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answers = models.JSONField()
    undecided = models.JSONField()
    fees = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"edition {self.number}"
