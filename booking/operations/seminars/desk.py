"""What staff do for those who phone or stand at the counter: their registration, another link, and the list of who came."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from booking import seminar_mails as mails
from booking.models import Registration, Seminar
from booking.operations.applications import Newcomer
from booking.operations.press import Press
from booking.operations.seminars import seats
from booking.operations.seminars.seats import SeatChanged, Sheet
from booking.operations.seminars.steps import locked
from booking.rules.seminars import OPEN_SEATS, Seat
from consent.models import Method
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import enter_person
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.audit.operations import record


def accept(known: Person | Newcomer, seminar_id: int, sheet: Sheet, press: Press, *, method: Method) -> Registration:
    """Register somebody, known or new, whom the terms were read out to (S1-1); the same ``sheet.key`` again is the same registration.

    Raises what ``seats.register`` does, and MailboxKnown. Nothing is half-saved.
    """
    with transaction.atomic():
        locked(seminar_id)
        if same := Registration.objects.filter(draft_key=sheet.key).first():
            return same
        if isinstance(known, Newcomer):
            known = enter_person(full_name=known.full_name, email=known.email, phone=known.phone, by=press.by, now=press.now)
        return seats.register(known, seminar_id, sheet, by=press.by, method=method, **press.clocks)


def renew_link(registration_id: int, *, by: User, now: datetime, wall: datetime) -> Registration:
    """Give a registration another link and mail it to its person; every earlier one is dead. Raises SeatChanged once there is nothing to open."""
    with transaction.atomic():
        row = seats.locked_registration(registration_id)
        if row.rule_seat not in OPEN_SEATS or now >= row.seminar.ends_at:
            raise SeatChanged(row)
        Registration.objects.filter(pk=row.pk).update(link_generation=F("link_generation") + 1)
        row.refresh_from_db(fields=["link_generation"])
        mails.link(row, now=now, wall=wall)
        record(_("参加のページのリンクを送り直す"), row, by=by, now=now, person_pk=row.person_id)
    return row


def take_out_attendance(seminar: Seminar, *, reason: str, by: User, now: datetime) -> QuerySet[Registration]:
    """Those who had a seat, for a list that leaves the portal: who took it out and why stands in the audit first (C8-1)."""
    record(_("催し：出欠の一覧を書き出す"), seminar, by=by, now=now, reason=reason, kind=AuditEntry.Kind.LOOK)
    return seminar.registrations.filter(seat=Seat.SEATED.value).select_related("person__merged_into").order_by("pk")
