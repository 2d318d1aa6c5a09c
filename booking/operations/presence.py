"""What staff see and hear in a session's first minutes, noted with one press: who came, who it was, who phoned (C6-1-4b, C6-2-3, A7)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Booking, ContactRecord, Participant
from booking.models.bookings import State
from booking.operations.sessions import check_join_window, record_contact
from booking.operations.transitions import ParticipantGone, changed, locked, locked_participant
from booking.queries import policy_at
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit

SAME_CALL = timedelta(minutes=1)


def note_arrival(booking_id: int, *, by: User, now: datetime, participant: int | None = None) -> None:
    """Somebody is in the meeting though they never pressed the portal's button: presence beats the timer. The applicant, or ``participant``.

    A second press changes nothing. Raises StateChanged, TooEarly, JoinOver, ParticipantGone.
    """
    with transaction.atomic():
        booking = _confirmed(booking_id)
        check_join_window(booking, policy_at(now), now=now)
        whom = {"pk": participant} if participant else {"person": booking.applicant_id}
        who = booking.participants.filter(**whom).first()
        if who is None:
            raise ParticipantGone
        if Participant.objects.filter(pk=who.pk, first_joined_at=None).update(first_joined_at=now):
            audit.record(_("利用者が来たことを記録"), booking, by=by, now=now, person_pk=who.person_id)


def check_identity(participant_id: int, *, by: User, now: datetime) -> None:
    """Staff made sure who this participant is (C6-2-3); who said so first stays. After the end too, so that a wrong end can be corrected.

    Raises ParticipantGone, StateChanged where the session was never confirmed.
    """
    with transaction.atomic():
        participant = locked_participant(participant_id)
        booking = participant.booking
        if booking.confirmed_at is None:
            raise changed(booking)
        unchecked = Participant.objects.filter(pk=participant_id, identity_checked_at=None)
        if unchecked.update(identity_checked_at=now, identity_checked_by=by):
            audit.record(_("本人確認を記録"), booking, by=by, now=now, person_pk=participant.person_id)


def note_call(booking_id: int, meaning: str, *, by: User, now: datetime, wall: datetime) -> None:
    """The person phoned. The same words within a minute, by the same hand, are one call pressed twice. Raises StateChanged."""
    channel = ContactRecord.Channel.PHONE
    with transaction.atomic():
        booking = _confirmed(booking_id)
        same = booking.contacts.filter(channel=channel, meaning=meaning, recorded_by=by, at__gt=now - SAME_CALL)
        if not same.exists():
            record_contact(booking.pk, channel=channel, meaning=meaning, by=by, now=now, wall=wall)


def _confirmed(booking_id: int) -> Booking:
    booking = locked(booking_id)
    if booking.state != State.CONFIRMED:
        raise changed(booking)
    return booking
