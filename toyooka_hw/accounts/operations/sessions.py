"""Browser sessions that are over."""

from datetime import datetime

from django.contrib.sessions.models import Session


def forget_sessions(*, wall: datetime) -> int:
    """Delete the sessions that have run out, and with them whatever was typed and waited there; returns how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=wall).delete()
    return deleted
