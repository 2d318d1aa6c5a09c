"""Thin: load nothing, call one operation with the time."""

import logging
from typing import Any

import requests
from celery import shared_task
from django.conf import settings

from booking.operations import (
    bookings,
    calendar,
    drafts,
    employers,
    evidence,
    incidents,
    meetings,
    no_contact,
    outcomes,
    readiness,
    reminders,
    sessions,
)
from booking.operations.meetings import checking, notices
from toyooka_hw import clock

logger = logging.getLogger(__name__)
WEB_TIMEOUT_SECONDS = 5


@shared_task(name="booking.ensure_meeting")
def ensure_meeting(*, meeting_id: int, **later_arguments: Any) -> None:
    meetings.ensure_meeting(meeting_id, now=clock.now(), wall=clock.wall())


@shared_task(name="booking.sweep_meetings")
def sweep_meetings(**later_arguments: Any) -> None:
    meetings.sweep_meetings(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.check_zoom")
def check_zoom(**later_arguments: Any) -> None:
    meetings.check_zoom(wall=clock.wall())


@shared_task(name="booking.sweep_orphans")
def sweep_orphans(**later_arguments: Any) -> None:
    meetings.sweep_orphans(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.handle_notice")
def handle_notice(*, notice_id: int, **later_arguments: Any) -> None:
    notices.handle_notice(notice_id, now=clock.now(), wall=clock.wall())


@shared_task(name="booking.sweep_notices")
def sweep_notices(**later_arguments: Any) -> None:
    notices.sweep_notices(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.sweep_requests")
def sweep_requests(**later_arguments: Any) -> None:
    bookings.expire_unconfirmed(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.sweep_no_contact")
def sweep_no_contact(**later_arguments: Any) -> None:
    notices.sweep_notices(now=clock.now(), wall=clock.wall())  # presence beats the timer
    no_contact.apply_no_contact_rule(now=clock.now(), wall=clock.wall())
    no_contact.send_no_contact_notices(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.send_reminders")
def send_reminders(**later_arguments: Any) -> None:
    reminders.remind(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.remind_of_outcomes")
def remind_of_outcomes(**later_arguments: Any) -> None:
    outcomes.remind_of_outcomes(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.sweep_readiness")
def sweep_readiness(**later_arguments: Any) -> None:
    readiness.tell_staff(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.watch")
def watch(**later_arguments: Any) -> None:
    incidents.watch(now=clock.now(), wall=clock.wall())


@shared_task(name="booking.heartbeat")
def heartbeat(**later_arguments: Any) -> None:
    """Beat is alive when this runs; web is alive when it answers."""
    evidence.heartbeat("beat", now=clock.now(), wall=clock.wall())
    try:
        requests.get(settings.PORTAL_URL + "/healthz", timeout=WEB_TIMEOUT_SECONDS).raise_for_status()
    except requests.RequestException as error:
        logger.warning("heartbeat.web_silent error=%s", type(error).__name__)
    else:
        evidence.heartbeat("web", now=clock.now(), wall=clock.wall())


@shared_task(name="booking.forget")
def forget(**later_arguments: Any) -> None:
    drafts.forget(wall=clock.wall())
    sessions.forget(now=clock.now(), wall=clock.wall())
    employers.forget(now=clock.now())
    notices.forget(wall=clock.wall())
    incidents.forget(wall=clock.wall())
    checking.forget(wall=clock.wall())
    calendar.seed_closures(now=clock.now())
