"""Thin: one operation with the time."""

from typing import Any

from celery import shared_task

from consent.operations import keep_outcomes, send_due_notices
from toyooka_hw import clock


@shared_task(name="consent.send_notices")
def send_notices(**later_arguments: Any) -> None:
    send_due_notices(now=clock.now(), wall=clock.wall())
    keep_outcomes()
