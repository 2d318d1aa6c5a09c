"""The portal's beat table in a hurry: ``celery -A tests.flows.faults.hurried beat``. What is looked at every minute is looked at every few seconds."""

from datetime import timedelta

from toyooka_hw.celery import app

__all__ = ["app"]

AT_ONCE = {"mail.sweep", "booking.sweep_meetings", "booking.sweep_notices"}
SECOND, SOON, LATER = timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=10)

for entry in app.conf.beat_schedule.values():
    each_minute = entry["schedule"] == timedelta(minutes=1)
    entry["schedule"] = SECOND if entry["task"] in AT_ONCE else SOON if each_minute else LATER
