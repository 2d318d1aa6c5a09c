"""The demo's clock: one row that says how far the portal's time is ahead of real time."""

from django.db import models
from django.db.models import Q

THE_CLOCK = 1


class DemoClock(models.Model):
    """`shift` is added to real time. It only ever grows: deadlines that have passed stay passed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_CLOCK, editable=False)
    shift = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=THE_CLOCK), name="one_demo_clock")]

    def __str__(self) -> str:
        return f"+{self.shift}"
