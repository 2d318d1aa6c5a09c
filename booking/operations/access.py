"""The ways into a session that staff hand out: the personal link, sent anew or taken back, and the code told by phone."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from booking import mails
from booking.models import Booking, CodeDelivery, EmployerRequest, Meeting, Registration
from booking.models.bookings import Kind, State
from booking.operations.sessions import HeldByPhone, JoinOver, MeetingNotReady
from booking.operations.transitions import locked
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.audit.operations import record

logger = logging.getLogger(__name__)


class NoPersonalPage(Exception):
    """Only reserved bookings have a page of their own; the code of the others goes by channels that the office trusts already (C6-2-3a)."""


def renew_link(booking_id: int, *, by: User, now: datetime, wall: datetime) -> Booking:
    """Give a reserved booking another link and mail it to its person; every earlier one is dead. Raises NoPersonalPage."""
    with transaction.atomic():
        booking = _next_generation(booking_id)
        mails.link(booking, now=now, wall=wall)
        record(_("ページのリンクを送り直す"), booking, by=by, now=now, person_pk=booking.applicant_id)
    logger.info("booking.link_renewed booking=%s by=%s", booking_id, by.pk)
    return booking


def revoke_link(booking_id: int, *, by: User, now: datetime) -> Booking:
    """Every link given out so far is dead; another comes only by ``renew_link``. Raises NoPersonalPage."""
    with transaction.atomic():
        booking = _next_generation(booking_id)
        record(_("ページのリンクを無効にする"), booking, by=by, now=now, person_pk=booking.applicant_id)
    logger.info("booking.link_revoked booking=%s by=%s", booking_id, by.pk)
    return booking


def tell_code(booking_id: int, *, by: User, now: datetime) -> Meeting:
    """The meeting of a reserved session whose id and passcode staff read out to somebody who has no mailbox (A15); that it was told is a row.

    Raises JoinOver where the session is another's kind, not confirmed or over, HeldByPhone, MeetingNotReady.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.kind != Kind.RESERVED or booking.state != State.CONFIRMED or now >= booking.ends_at:
            raise JoinOver
        if booking.is_by_phone:
            raise HeldByPhone
        meeting = Meeting.objects.filter(booking=booking).first()
        if meeting is None or not meeting.leads_into(booking):
            raise MeetingNotReady
        CodeDelivery.objects.create(participant=booking.participants.get(), route=CodeDelivery.Route.CALLBACK_PHONE, at=now, by=by)
        record(_("番号を電話で伝える"), booking, by=by, now=now, person_pk=booking.applicant_id, kind=AuditEntry.Kind.LOOK)
    return meeting


def look_at_text(written: Booking | EmployerRequest | Registration, *, by: User, now: datetime) -> None:
    """Staff open what the person wrote (相談したいこと, 同席): a restricted text, so who looked stands in the audit first (C8-1, C12-3b)."""
    if isinstance(written, Booking):
        what, person_id = _("相談したいこと・同席を表示する"), written.applicant_id
    elif isinstance(written, Registration):
        what, person_id = _("同席を表示する"), written.person_id
    else:
        what, person_id = _("依頼したいこと・同席を表示する"), written.contact_id
    record(what, written, by=by, now=now, person_pk=person_id, kind=AuditEntry.Kind.LOOK)


def _next_generation(booking_id: int) -> Booking:
    booking = locked(booking_id)
    if booking.kind != Kind.RESERVED:
        raise NoPersonalPage
    Booking.objects.filter(pk=booking_id).update(link_generation=F("link_generation") + 1)
    booking.refresh_from_db(fields=["link_generation"])
    return booking
