"""A worker without one of its guards, for the negative controls: ``UNGUARDED=claim celery -A tests.flows.faults.sabotage worker``."""

import os
from typing import Any

import django

from toyooka_hw.celery import app

__all__ = ["app"]


def without_claim() -> None:
    """Whoever has the row's number acts on it; nobody takes it first."""
    from toyooka_hw.outbox import OutboxQuerySet

    def look(self: Any, pk: int, **_lease: object) -> Any:
        return self.filter(pk=pk, outbox_state="wanted").first()

    OutboxQuerySet.claim = look  # type: ignore[method-assign]  # the sabotage itself


def without_find() -> None:
    """What was made although nobody told us is not looked for."""
    from booking.video.zoom import ZoomMeetings

    ZoomMeetings.find = lambda _self, _host, _reference, _day: []  # type: ignore[method-assign]  # the sabotage itself


django.setup()
{"claim": without_claim, "find": without_find}[os.environ["UNGUARDED"]]()
