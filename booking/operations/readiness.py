"""The mail to staff on the afternoon before: what is missing for the next open day."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from booking import mails
from booking.queries import Board, calendar_between, next_open_day, policy_at, readiness
from booking.rules.calendar import tokyo, tokyo_date
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.queries import staff_who_may
from toyooka_hw.mail.models import OutgoingMail

KEEPS_THE_CALENDAR = "booking.change_closure"  # what managers may, and counsellors not


def tell_staff(*, now: datetime, wall: datetime) -> int:
    """Write once to each member of staff concerned, from the policy's time on an open day until its end; the number of mails.

    A day without sessions and requests is not worth a mail. Beat asks every minute: whoever was told is not told again.
    """
    today = tokyo_date(now)
    if now < tokyo(today, policy_at(now).readiness_mail_at) or not calendar_between(today, today).day(today).is_open:
        return 0
    day = next_open_day(now=now)
    if OutgoingMail.objects.filter(key__startswith=mails.key_of_readiness(day)).exists():
        return 0
    board = readiness(day, now=now)
    if not (board.sessions or board.waiting or board.asked):
        return 0
    with transaction.atomic():
        concerned = recipients(board)
        for user in concerned:
            mails.readiness(board, user, now=now, wall=wall)
    return len(concerned)


def recipients(board: Board) -> Collection[User]:
    """Whose sessions they are, and who keeps the calendar; as far as they have an address."""
    own: QuerySet[User] = User.objects.filter(counsellor__in={row.booking.counsellor_id for row in board.sessions})
    managers = staff_who_may(KEEPS_THE_CALENDAR)
    return list(User.objects.filter(Q(pk__in=own) | Q(pk__in=managers), is_active=True).exclude(email="").order_by("pk"))
