"""The only writers of the demo's clock."""

from datetime import datetime, timedelta

from django.db import transaction

from booking.rules.calendar import Calendar
from toyooka_hw.accounts.models import User
from toyooka_hw.celery import app
from toyooka_hw.demo.models import THE_CLOCK, DemoClock
from toyooka_hw.demo.story import story_moment
from toyooka_hw.wake import wake

FARTHEST = timedelta(days=366)


class ClockRunsForwards(Exception):
    """The moment asked for is not ahead of the portal's time."""


class TooFarAhead(Exception):
    """The moment asked for lies more than a year from now."""


class NotADemo(Exception):
    """The database belongs to somebody: it has staff, but no demo was ever opened in it."""


def open_story(*, wall: datetime) -> None:
    """Set the clock to the story's first moment, once. NotADemo if the database is in use otherwise."""
    if DemoClock.objects.exists():
        return
    if User.objects.exists():
        raise NotADemo
    DemoClock.objects.create(pk=THE_CLOCK, shift=story_moment(wall, Calendar()) - wall)


def move_clock(to: datetime, *, wall: datetime) -> None:
    """Move the portal's time forwards and let every sweep look at the new moment.

    ClockRunsForwards if it is not ahead, TooFarAhead if it is more than a year from the real time: no calendar knows those holidays.
    """
    if to > wall + FARTHEST:
        raise TooFarAhead
    with transaction.atomic():
        clock = DemoClock.objects.select_for_update().get(pk=THE_CLOCK)
        if to <= wall + clock.shift:
            raise ClockRunsForwards
        clock.shift = to - wall
        clock.save(update_fields=["shift"])
        for entry in app.conf.beat_schedule.values():
            wake(entry["task"])
