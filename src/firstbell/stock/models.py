"""What every table of counted things shares. No tables of its own."""

from django.db import models

from firstbell.directory.scope import ScopedModel
from firstbell.kernel.roles import Permission


class CountedStock(ScopedModel):
    """How many of a kind lie in a place, and from which number on somebody orders more.

    Subclasses name kind, site and place, and let the database refuse a count below zero.
    """

    see = Permission.SEE_DEVICES

    count = models.IntegerField(default=0)
    reorder_at = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class CountedMovement(models.Model):
    """One change of a stock, and what was left: the sum of all changes is the count. Subclasses say of what."""

    change = models.IntegerField()
    left = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        abstract = True
