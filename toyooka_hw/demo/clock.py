"""The portal's time in a demo (``CLOCK_SOURCE``)."""

from datetime import datetime, timedelta

from toyooka_hw.clock import wall
from toyooka_hw.demo.models import THE_CLOCK, DemoClock


def now() -> datetime:
    """Real time plus the demo's shift; real time until the story has been opened."""
    shift = DemoClock.objects.filter(pk=THE_CLOCK).values_list("shift", flat=True).first()
    return wall() + (shift or timedelta())
