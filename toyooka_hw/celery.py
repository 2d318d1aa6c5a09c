"""The Celery app and the whole beat table on one screen.

Celery owns *when*; the database owns *what* (leases, attempts, retry times are columns). So there is no result backend and no autoretry,
and a message may come twice, late or never without harm.
"""

import os
from datetime import timedelta

from celery import Celery
from celery.app.amqp import AMQP

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toyooka_hw.settings")

# AMQP is loaded with the app and not at its first use: a beat that is told to end in the middle of that import ends with an error
app = Celery("toyooka_hw", amqp=AMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["toyooka_hw.accounts", "toyooka_hw.mail", "consent", "booking"])

EVERY_MINUTE = timedelta(minutes=1)

app.conf.beat_schedule = {
    name: {"task": name, "schedule": schedule, "options": {"expires": schedule.total_seconds()}}
    for name, schedule in {
        "booking.heartbeat": EVERY_MINUTE,
        "booking.sweep_requests": EVERY_MINUTE,
        "booking.sweep_no_contact": EVERY_MINUTE,
        "booking.sweep_meetings": EVERY_MINUTE,
        "booking.send_reminders": EVERY_MINUTE,
        "booking.sweep_notices": EVERY_MINUTE,
        "booking.sweep_seats": EVERY_MINUTE,
        "booking.check_zoom": timedelta(hours=1),
        "booking.sweep_orphans": timedelta(hours=1),
        "booking.remind_of_outcomes": timedelta(minutes=10),
        "booking.sweep_readiness": EVERY_MINUTE,
        "booking.watch": EVERY_MINUTE,
        "consent.send_notices": EVERY_MINUTE,
        "mail.sweep": EVERY_MINUTE,
        "accounts.forget": timedelta(hours=1),
        "booking.forget": timedelta(hours=1),
        "mail.forget": timedelta(hours=1),
    }.items()
}
