"""Telling the access code of an immediate session or an interview: only to those in it, only by channels the office trusts already.

Nothing here returns the code but ``open_code``, which records that somebody looked (C6-2-3).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Booking, CodeDelivery, Meeting, Participant
from booking.models.bookings import Kind, State
from booking.operations.immediate import check_gate
from booking.operations.invitations import refuse_unready
from booking.operations.sessions import HeldByPhone, JoinOver, MeetingNotReady
from booking.operations.transitions import locked, locked_participant
from booking.rules.calendar import tokyo_date
from consent.queries import COUNSELLING, consent_on_record, must_agree_before_use
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.audit.operations import record

SAME_PRESS = timedelta(minutes=1)
FAILED = (CodeDelivery.Result.NO_ANSWER, CodeDelivery.Result.WRONG_PERSON)
FAILURES_BEFORE_CLOSING = 2
MYPAGE = {
    Participant.PartRole.JOB_SEEKER: CodeDelivery.Route.JOB_SEEKER_MYPAGE,
    Participant.PartRole.EMPLOYER: CodeDelivery.Route.EMPLOYER_MYPAGE,
}


class NotInCharge(Exception):
    """Only the counsellor in charge of the session sees its code and tells it."""


class RouteClosed(Exception):
    """This route is not the person's, or is not to be used: another role's My Page, no registered number, or one changed that day."""


class ConsentWithdrawn(Exception):
    """Somebody in the interview has taken their consent back: they are told no code until they agree anew (A18)."""


class TermsUnread(Exception):
    """Terms that rest on individual consent changed, and this participant has not agreed to them (A11)."""


def routes_of(participant: Participant, *, now: datetime) -> tuple[str, ...]:
    """The routes by which the code may reach this participant: their own My Page, and the registered number unless it changed today.

    A number changed on the day of the request serves no request of that day (C6-2-3c).
    """
    mypage = mypage_of(participant)
    return (mypage, CodeDelivery.Route.CALLBACK_PHONE) if is_callable(_person(participant), now=now) else (mypage,)


def mypage_of(participant: Participant) -> str:
    """The participant's own My Page: a job seeker's or an employer's."""
    return MYPAGE[Participant.PartRole(participant.role)]


def is_callable(person: Person, *, now: datetime) -> bool:
    """Whether the person may be called back today: only at a number that staff verified, and did not replace today (C6-2-3b, C6-2-3c)."""
    changed_at = person.phone_changed_at
    return bool(person.is_verified and person.registered_phone) and (changed_at is None or tokyo_date(changed_at) != tokyo_date(now))


def open_code(booking_id: int, *, by: User, now: datetime) -> Meeting:
    """The meeting whose id, passcode and address the counsellor in charge passes on; each look is a line of the audit about everybody in it.

    Raises NotInCharge, JoinOver before the acceptance and after the end, HeldByPhone, Barred, NotReady, ConsentWithdrawn or TermsUnread (C6-2-2),
    MeetingNotReady.
    """
    with transaction.atomic():
        booking = _open(booking_id, by=by, now=now)
        meeting = Meeting.objects.filter(booking=booking).first()
        if meeting is None or not meeting.leads_into(booking) or not meeting.is_for(booking):
            raise MeetingNotReady
        for person_id in booking.participants.order_by("pk").values_list("person_id", flat=True):
            record(_("アクセスコードを表示する"), booking, by=by, now=now, person_pk=person_id, kind=AuditEntry.Kind.LOOK)
    return meeting


def check_way_in(booking_id: int, *, by: User, now: datetime) -> None:
    """Whether this member of staff may go into the meeting now: what holds for the code holds for the host's link, which leads past it.

    Raises NotInCharge, JoinOver, HeldByPhone, Barred, NotReady, ConsentWithdrawn or TermsUnread.
    """
    with transaction.atomic():
        _open(booking_id, by=by, now=now)


def record_delivery(participant_id: int, route: str, result: str, *, by: User, now: datetime) -> CodeDelivery:
    """Record that the code was told by this route, or that a call did not reach the person (C6-2-3a, C6-2-3b).

    The same press by the same hand within a minute is one. Raises ParticipantGone, NotInCharge, JoinOver, HeldByPhone, Barred, NotReady,
    ConsentWithdrawn or TermsUnread, RouteClosed.
    """
    with transaction.atomic():
        participant = locked_participant(participant_id)
        booking = _open(participant.booking_id, by=by, now=now)
        if route not in routes_of(participant, now=now) or (route != CodeDelivery.Route.CALLBACK_PHONE and result in FAILED):
            raise RouteClosed
        pressed = {"route": route, "result": result, "by": by}
        if same := participant.code_deliveries.filter(**pressed, at__gt=now - SAME_PRESS).first():
            return same
        delivery = CodeDelivery.objects.create(participant=participant, at=now, **pressed)
        changes = {_("アクセスコードの伝達"): ("", f"{delivery.get_route_display()}：{delivery.get_result_display()}")}
        record(_("アクセスコードの伝達を記録する"), booking, by=by, now=now, changes=changes, person_pk=participant.person_id)
    return delivery


def is_told(participant: Participant) -> bool:
    """Whether the code of the meeting that stands has reached the participant by any route."""
    return any(each.result == CodeDelivery.Result.TOLD for each in attempts(participant))


def closing_is_proposed(participant: Participant) -> bool:
    """Whether two calls have failed and the code has reached the person by no route: then the session is better closed (C6-2-3b)."""
    deliveries = attempts(participant)
    failures = sum(delivery.result in FAILED for delivery in deliveries)
    return failures >= FAILURES_BEFORE_CLOSING and failures == len(deliveries)


def attempts(participant: Participant) -> list[CodeDelivery]:
    """What was tried since the meeting that stands was made, in the order it was: another host's meeting has another code."""
    meeting: Meeting | None = getattr(participant.booking, "meeting", None)
    since = meeting.made_at if meeting else None
    return [each for each in participant.code_deliveries.all() if since is None or each.at >= since]


def _open(booking_id: int, *, by: User, now: datetime) -> Booking:
    """The session, locked, if this member of staff is in charge of it, it is not over, and everybody in it has agreed to the terms."""
    booking = locked(booking_id)
    if booking.kind == Kind.RESERVED or booking.state != State.CONFIRMED or now >= booking.ends_at:
        raise JoinOver
    if booking.counsellor is None or booking.counsellor.user_id != by.pk:
        raise NotInCharge
    if booking.is_by_phone:
        raise HeldByPhone
    if booking.kind == Kind.AD_HOC:
        check_gate(booking, now=now)
    else:
        _check_interview(booking, now=now)
    return booking


def _check_interview(booking: Booking, *, now: datetime) -> None:
    """What let everybody into the interview must hold up to its end: nobody restricted meanwhile, no terms left unread (C6-1-4c, A11)."""
    for part in booking.participants.select_related("person__merged_into").order_by("pk"):
        refuse_unready(_person(part), now=now)
        if consent_on_record(COUNSELLING, _person(part).pk) is None:
            raise ConsentWithdrawn
        if must_agree_before_use(part.person_id, COUNSELLING, now=now):
            raise TermsUnread


def _person(participant: Participant) -> Person:
    return participant.person.merged_into or participant.person
