"""The office's own calls: what a mail did not bring is told by phone, and so recorded."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from booking.models import Booking, ContactRecord
from booking.operations.transitions import changed, locked
from booking.rules.lifecycle import State
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit

# How a booking may stand whose person the office phones to tell it; whoever withdrew knows.
TOLD_STATES = frozenset(State) - {State.WITHDRAWN, State.STOPPED}
ONE_ATTEMPT = timedelta(minutes=1)
WORDS = {ContactRecord.Meaning.TOLD: _("電話でお知らせする"), ContactRecord.Meaning.NOT_REACHED: _("電話をかける（つながらず）")}


class AlreadyTold(Exception):
    """A colleague has told the person since the booking, or the seminar, came to stand as it does."""

    def __init__(self, by: User, at: datetime) -> None:
        super().__init__(f"told by {by.pk}")
        self.by = str(by)
        self.at = at


def record_call(
    booking_id: int, *, reached: bool, seen: int, by: User, now: datetime, note: str = "", person: int | None = None
) -> ContactRecord:
    """Write down that somebody was told by phone how their booking stands, or was called in vain: the applicant, or ``person``.

    ``seen``: the booking's last event that staff had before their eyes. The same press twice is one record.
    Raises StateChanged where the booking has moved on since, AlreadyTold where a colleague was faster.
    """
    meaning = ContactRecord.Meaning.TOLD if reached else ContactRecord.Meaning.NOT_REACHED
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.rule_state not in TOLD_STATES or booking.events.latest("pk").pk != seen:
            raise changed(booking)
        if before := _before(booking, person, meaning, by, now=now):
            return before
        record = ContactRecord.objects.create(
            booking=booking,
            person_id=person,
            channel=ContactRecord.Channel.PHONE,
            meaning=meaning,
            note=note.strip(),
            at=now,
            recorded_by=by,
        )
        audit.record(
            WORDS[meaning], booking, by=by, now=now, person_pk=person or booking.applicant_id
        )  # the note is kept 30 days, the audit for good
    return record


def _before(booking: Booking, person: int | None, meaning: str, by: User, *, now: datetime) -> ContactRecord | None:
    """The record that this press would repeat: told since the last event, or tried a moment ago by the same staff."""
    since = booking.events.latest("pk").at
    records = booking.contacts.filter(person=person, at__gte=since).select_related("recorded_by")
    told = records.filter(meaning=ContactRecord.Meaning.TOLD).first()
    if told and told.recorded_by != by:
        raise AlreadyTold(told.recorded_by or by, told.at)
    if told or meaning == ContactRecord.Meaning.TOLD:
        return told
    return records.filter(meaning=meaning, recorded_by=by, at__gt=now - ONE_ATTEMPT).first()
