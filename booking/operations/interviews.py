"""Interviews and managed selections: sessions out of what an employer's contact asked for (C0-1, C12-3b, A18).

Each session has the contact and one job seeker, or, a consultation, the contact alone; each with their own consent and presence.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from booking import mails
from booking.models import Booking, EmployerRequest, Participant
from booking.models.bookings import Kind, Source, State
from booking.operations import places
from booking.operations.clashes import refuse_clash
from booking.operations.confirming import confirm_at
from booking.operations.employers import write_session
from booking.operations.invitations import InvitedTwice, Seeker, SeekerWanted, consent_kept, invite, refuse_unready
from booking.operations.transitions import apply, changed, locked, staff
from booking.queries import policy_at
from booking.rules.interval import Interval
from booking.rules.lifecycle import Event
from booking.rules.slots import Reason, SlotRefused, span_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import locked_survivor
from toyooka_hw.audit.operations import record

REFUSED = {State.DECLINED, State.WITHDRAWN}


class CodeUnderWay(Exception):
    """The job seeker may know the access code already: who follows gets a session, and a meeting, of their own."""


class RequestOver(Exception):
    """The employer took the whole request back, or the office declined it: there is nothing to add to."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What staff settled with both sides. ``counsellor`` and ``host``: who is wanted, or anybody free; ``reason``: for what is unusual.

    ``seen``: the last line of the booking's history that was on the screen (any where None).
    """

    start: datetime
    seeker: Seeker | None = None
    counsellor: int | None = None
    host: int | None = None
    reason: str = ""
    seen: int | None = None


def arrange(booking_id: int, wanted: Arrangement, *, by: User, now: datetime, wall: datetime) -> Booking:
    """Give a session that an employer asked for its time, counsellor and job seeker: the meeting is wanted, both sides are told.

    Raises StateChanged, MovedMeanwhile, NotReady, SeekerWanted, InvitedTwice, TakesPartElsewhere, TermsNotInForce, SlotRefused.
    """
    return places.retrying(lambda: _arrange(locked(booking_id, seen=wanted.seen), wanted, by=by, now=now, wall=wall), start=wanted.start)


def add_session(request_id: int, wanted: Arrangement, *, key: UUID, by: User, now: datetime, wall: datetime) -> Booking:
    """Arrange one more session of a request; the same ``key``, which belongs to the opened form, is the same session.

    Raises RequestOver, and as ``arrange``.
    """
    return places.retrying(lambda: _add(request_id, wanted, key, by=by, now=now, wall=wall), start=wanted.start)


def replace_seeker(
    booking_id: int, seeker: Seeker, *, reason: str, by: User, now: datetime, wall: datetime, seen: int | None = None
) -> Booking:
    """Another job seeker takes the session; all three are told. Possible until its start, and until anybody tries to tell the code.

    Raises StateChanged, MovedMeanwhile, ReasonMissing, CodeUnderWay, NotReady, SeekerWanted, InvitedTwice, TakesPartElsewhere,
    TermsNotInForce, SlotRefused.
    """
    with transaction.atomic():
        booking = locked(booking_id, seen=seen)
        leaving = _leave(booking, seeker, now=now)
        joining = invite(booking, seeker, Interval(booking.starts_at, booking.ends_at), insists=seeker.again, by=by, now=now)
        apply(booking, Event.REPLACE, staff(by), now=now, reason=reason, left=leaving)
        names = (_("利用者 %(pk)s") % {"pk": leaving.pk}, _("利用者 %(pk)s") % {"pk": joining.person_id})
        changes = {joining.get_role_display(): names}
        record(_("面接の求職者を替える"), booking, by=by, now=now, reason=reason, changes=changes, person_pk=joining.person_id)
        mails.seeker_replaced(booking, leaving, joining, now=now, wall=wall)
    return booking


# --- pieces of the above -------------------------------------------------------------------------------------------------


def _arrange(booking: Booking, wanted: Arrangement, *, by: User, now: datetime, wall: datetime) -> Booking:
    if booking.state != State.REQUESTED or booking.kind != Kind.INTERVIEW:
        raise changed(booking)
    policy = policy_at(now)
    span = span_of(wanted.start, policy)
    contact = locked_survivor(booking.applicant_id)
    refuse_unready(contact, now=now)
    consent_kept(contact, now=now)
    refuse_clash(contact, span, but=booking)
    if (wanted.seeker is None) != _is_consultation(booking):
        raise SeekerWanted
    if wanted.seeker:
        insists = wanted.seeker.again and bool(wanted.reason.strip())
        invite(booking, wanted.seeker, span, insists=insists, by=by, now=now)
    wish = places.wish_of(booking, policy, counsellor=wanted.counsellor, host=wanted.host)
    return confirm_at(booking, wanted.start, wish, by=by, now=now, wall=wall, reason=wanted.reason)


def _add(request_id: int, wanted: Arrangement, key: UUID, *, by: User, now: datetime, wall: datetime) -> Booking:
    places.lock_key(key)
    if made := Booking.objects.filter(draft_key=key, employer_request=request_id).first():
        return made
    request = EmployerRequest.objects.select_for_update(of=("self",)).select_related("contact").get(pk=request_id)
    if {session.state for session in request.sessions.all()} <= REFUSED:
        raise RequestOver
    consent = consent_kept(locked_survivor(request.contact_id), now=now)
    span = span_of(wanted.start, policy_at(now))
    limits = {"answer_by": span.start, "confirm_limit": span.start}
    booking = write_session(request, span, consent, staff(by), now=now, source=Source.PHONE, draft_key=key, **limits)
    return _arrange(booking, wanted, by=by, now=now, wall=wall)


def _leave(booking: Booking, seeker: Seeker, *, now: datetime) -> Person:
    """The job seeker who was to come, no longer in the session."""
    if booking.state != State.CONFIRMED or booking.kind != Kind.INTERVIEW:
        raise changed(booking)
    if now >= booking.starts_at:
        raise SlotRefused((Reason.PAST,), booking.starts_at)
    leaving = booking.participants.filter(role=Participant.PartRole.JOB_SEEKER).select_related("person").first()
    if leaving is None:
        raise SeekerWanted
    if seeker.person_id in (leaving.person_id, leaving.person.survivor_id):
        raise InvitedTwice
    if leaving.code_deliveries.exists():
        raise CodeUnderWay
    leaving.delete()
    return leaving.person


def _is_consultation(booking: Booking) -> bool:
    request = booking.employer_request
    return request is not None and request.purpose == EmployerRequest.Purpose.CONSULTATION
