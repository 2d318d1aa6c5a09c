"""The day itself: contacts, joining, how sessions end."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from booking import mails
from booking.models import Booking, ContactRecord, Heartbeat, Meeting, Participant
from booking.models.bookings import Kind, Outcome, State
from booking.operations.evidence import HEARTBEATS_KEPT_FOR
from booking.operations.identity import require_identities
from booking.operations.meetings import want_meeting
from booking.operations.transitions import Doer, apply, changed, locked, staff
from booking.queries import policy_at
from booking.rules.lifecycle import Contact, Event
from booking.rules.policy import Policy
from consent.queries import COUNSELLING, must_agree_before_use
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit

PHONE_TRIES = 5
FREE_TEXT_KEPT_FOR = timedelta(days=30)


class TooEarly(Exception):
    """Joining opens some minutes before the start."""


class NotYet(Exception):
    """This cannot be recorded before ``at``: the session has not begun, or its grace is not over."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"not before {at:%Y-%m-%d %H:%M:%S}")
        self.at = at


class JoinOver(Exception):
    """The session's time is over, or the booking is not (or no longer) confirmed."""


class HeldByPhone(Exception):
    """The session is held by telephone: there is no way into a meeting, and the office calls."""


class MeetingNotReady(Exception):
    """The Zoom meeting is not there yet."""


class TermsNotAgreed(Exception):
    """The terms changed by individual consent since the application, and the person has not agreed (A11)."""


class WrongDigits(Exception):
    """The last four digits do not match the phone number on record."""


class DigitsExhausted(Exception):
    """Five wrong tries: only the e-mail code opens the way now."""


def record_contact(
    booking_id: int,
    *,
    channel: str,
    meaning: str,
    now: datetime,
    wall: datetime,
    by: User | None = None,
    note: str = "",
    caller: str = "",
    person: int | None = None,
    outcome: str = "",
    seen: int | None = None,
) -> ContactRecord:
    """Write down a call or an online notice (C6-1-4a, A6). A call that says 行けない cancels with notice at once; the same notice
    sent online is a task for staff, and the ten-minute rule at the latest closes it as a cancellation with notice.

    ``person``: who of several in the session; the applicant where None. ``caller``: who got in touch where it was not they (A19). ``outcome``: the person's circumstances where this cancels the session;
    then ``seen`` holds it to the session that was on the screen (MovedMeanwhile). The same words sent online twice in a row are one record.
    Raises StateChanged for a notice sent online about a session that is not, or no longer, confirmed: nobody would read it.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen if meaning == Contact.CANNOT_COME.value else None)
        if by is None and booking.state != State.CONFIRMED:
            raise changed(booking)
        fields = {
            "channel": channel,
            "meaning": meaning,
            "note": note.strip(),
            "caller": caller.strip(),
            "recorded_by": by,
            "person_id": person,
        }
        last = booking.contacts.last()
        if by is None and last and all(getattr(last, name) == value for name, value in fields.items()):
            return last
        record = ContactRecord.objects.create(booking=booking, at=now, **fields)
        if by:
            what = _("連絡の記録（%(meaning)s）") % {"meaning": record.get_meaning_display()}
            audit.record(what, booking, by=by, now=now, person_pk=person or booking.applicant_id)
        if by and meaning == Contact.CANNOT_COME.value and booking.state == State.CONFIRMED:
            cancel_with_notice(booking, staff(by), outcome=outcome, now=now, wall=wall)
    return record


def check_digits(booking_id: int, digits: str) -> None:
    """Compare the last four digits of the phone on record; five tries per booking. Raises WrongDigits, DigitsExhausted with the fifth."""
    if not Booking.objects.filter(pk=booking_id, phone_tries__lt=PHONE_TRIES).update(phone_tries=F("phone_tries") + 1):
        raise DigitsExhausted
    booking = Booking.objects.select_related("applicant").get(pk=booking_id)
    if not booking.applicant.phone or booking.applicant.phone[-4:] != digits:
        raise WrongDigits if booking.phone_tries < PHONE_TRIES else DigitsExhausted
    Booking.objects.filter(pk=booking_id).update(phone_tries=0)


def join(booking_id: int, person_id: int, *, now: datetime) -> str:
    """Stamp the first sign of life and return the address of a reserved session's meeting; of the other kinds no page has it (C6-2-3a).

    Raises TooEarly, JoinOver, HeldByPhone, TermsNotAgreed, MeetingNotReady.
    The stamp is kept even where terms or meeting bar the way: presence beats the timer (A7).
    """
    with transaction.atomic():
        booking = locked(booking_id)  # whoever closes the session meanwhile waits for the stamp, or comes before it
        if booking.kind != Kind.RESERVED:
            raise JoinOver
        check_join_window(booking, policy_at(now), now=now)
        Participant.objects.filter(booking=booking, person=person_id, first_joined_at=None).update(first_joined_at=now)
    if must_agree_before_use(person_id, COUNSELLING, now=now):
        raise TermsNotAgreed
    meeting = Meeting.objects.filter(booking=booking_id).first()
    if meeting is None or not meeting.leads_into(booking):
        raise MeetingNotReady
    return meeting.join_url


def check_join_window(booking: Booking, policy: Policy, *, now: datetime) -> None:
    """Joining is possible from ten minutes before the start to the end of a confirmed session; by telephone nobody joins.

    Raises JoinOver, TooEarly, and, in these very minutes, HeldByPhone.
    """
    if booking.state != State.CONFIRMED or now >= booking.ends_at:
        raise JoinOver
    if now < booking.starts_at - timedelta(minutes=policy.join_opens_minutes):
        raise TooEarly
    if booking.is_by_phone:
        raise HeldByPhone


def counsellor_seen(booking_id: int, *, by: User, now: datetime) -> None:
    """The counsellor pressed the host link: the office is there. The first moment stays; each entrance stands in the audit."""
    with transaction.atomic():
        booking = locked(booking_id)
        Booking.objects.filter(pk=booking_id, counsellor_seen_at=None).update(counsellor_seen_at=now)
        audit.record(_("ホスト用リンクで入室"), booking, by=by, now=now, person_pk=booking.applicant_id)


def delay(booking_id: int, *, by: User, now: datetime) -> None:
    """The office is late: the ten-minute rule does not close this session (A7). Who said so first, and when, stays."""
    with transaction.atomic():
        booking = locked(booking_id)
        if Booking.objects.filter(pk=booking_id, state=State.CONFIRMED, delayed_at=None).update(delayed_at=now, delayed_by=by):
            audit.record(_("ハローワーク側の遅れを記録"), booking, by=by, now=now, person_pk=booking.applicant_id)


def complete(booking_id: int, *, by: User, now: datetime, wall: datetime, outcome: str = "") -> Booking:
    """The session took place: 実施済, where nobody says otherwise the way it was meant to be held. Raises StateChanged, OutcomeUnfit, NotYet before its start, IdentityUnchecked."""
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.state == State.CONFIRMED:
            require_identities(booking)
        outcome = outcome or (Outcome.HELD_BY_PHONE.value if booking.is_by_phone else "")
        end(booking, Event.COMPLETE, by=by, outcome=outcome, now=now, wall=wall)
    return booking


def end(booking: Booking, event: Event, *, by: User, outcome: str, now: datetime, wall: datetime, reason: str = "") -> None:
    """End a session that has begun; its row is locked by the caller's transaction. Raises StateChanged, OutcomeUnfit, NotYet."""
    wait_for(booking, booking.starts_at, now=now)
    apply(booking, event, staff(by), now=now, reason=reason, outcome=outcome, begun_at=booking.starts_at)
    want_meeting(booking, wall=wall)


def cancel_by_user(
    booking_id: int,
    *,
    by: User,
    now: datetime,
    wall: datetime,
    outcome: str = "",
    channel: str = ContactRecord.Channel.PHONE,
    caller: str = "",
    note: str = "",
    person: int | None = None,
    seen: int | None = None,
) -> Booking:
    """The person (of several: this one), or ``caller`` for them, told the office that they will not come (C6-1-4a, A19): the call is a row, and so is the end.

    Raises StateChanged, MovedMeanwhile, OutcomeUnfit.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        if booking.state != State.CONFIRMED:
            raise changed(booking)
        said: dict[str, Any] = {"meaning": Contact.CANNOT_COME.value, "channel": channel, "caller": caller, "note": note, "person": person}
        record_contact(booking.pk, **said, outcome=outcome, by=by, now=now, wall=wall)
        booking.refresh_from_db()
    return booking


def cancel_by_office(
    booking_id: int, *, reason: str, by: User, now: datetime, wall: datetime, outcome: str = "", seen: int | None = None
) -> Booking:
    """The office cannot hold the session; never counts against the person.

    Raises StateChanged, MovedMeanwhile, ReasonMissing, OutcomeUnfit.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        apply(booking, Event.CANCEL_BY_OFFICE, staff(by), now=now, reason=reason, outcome=outcome)
        want_meeting(booking, wall=wall)
        mails.cancelled_by_office(booking, reason, now=now, wall=wall)
    return booking


def forget(*, now: datetime, wall: datetime) -> None:
    """Delete what has served its time: free text and who spoke for the person, 30 days after the session; heartbeats after a week."""
    over = now - FREE_TEXT_KEPT_FOR
    texts = {"topic": "", "companion": "", "proxy_contact": ""}
    Booking.objects.filter(ends_at__lt=over).exclude(**texts).update(**texts)
    words = {"note": "", "caller": ""}
    ContactRecord.objects.filter(booking__ends_at__lt=over).exclude(**words).update(**words)
    Heartbeat.objects.filter(wall__lt=wall - HEARTBEATS_KEPT_FOR).delete()


def wait_for(booking: Booking, at: datetime, *, now: datetime) -> None:
    """Raise NotYet for a confirmed session before ``at``."""
    if booking.state == State.CONFIRMED and now < at:
        raise NotYet(at)


def cancel_with_notice(booking: Booking, doer: Doer, *, now: datetime, wall: datetime, outcome: str = "") -> None:
    """Cancel a session of which the person said that they will not come; its row is locked by the caller's transaction."""
    apply(booking, Event.CANCEL_BY_USER, doer, now=now, outcome=outcome)
    want_meeting(booking, wall=wall)
    mails.cancelled_by_user(booking, now=now, wall=wall)
