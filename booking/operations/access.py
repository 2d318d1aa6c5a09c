"""The personal link of a booking: sent anew, or taken back."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from booking import mails
from booking.models import Booking
from booking.operations.transitions import locked
from toyooka_hw.accounts.models import User

logger = logging.getLogger(__name__)


def renew_link(booking_id: int, *, by: User, now: datetime, wall: datetime) -> Booking:
    """Give the booking another link and mail it to its person; every earlier one is dead."""
    with transaction.atomic():
        booking = _next_generation(booking_id)
        mails.link(booking, now=now, wall=wall)
    logger.info("booking.link_renewed booking=%s by=%s", booking_id, by.pk)
    return booking


def revoke_link(booking_id: int, *, by: User) -> Booking:
    """Every link given out so far is dead; another comes only by ``renew_link``."""
    with transaction.atomic():
        booking = _next_generation(booking_id)
    logger.info("booking.link_revoked booking=%s by=%s", booking_id, by.pk)
    return booking


def _next_generation(booking_id: int) -> Booking:
    booking = locked(booking_id)
    Booking.objects.filter(pk=booking_id).update(link_generation=F("link_generation") + 1)
    booking.refresh_from_db(fields=["link_generation"])
    return booking
