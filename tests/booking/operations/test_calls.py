"""Calls of ours: recorded once, never counted as a sign of life, refused where a colleague was faster."""

from datetime import timedelta

import pytest

from booking.models import Booking, ContactRecord
from booking.operations import bookings, sessions
from booking.operations.calls import AlreadyTold, record_call
from booking.operations.evidence import shows_life
from booking.operations.transitions import StateChanged
from tests.cast import MORNING, Office
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=2)


def last_event(booking: Booking) -> int:
    return booking.events.latest("pk").pk


def test_told_is_a_row_and_a_line_in_the_audit(office: Office, confirmed: Booking) -> None:
    record_call(confirmed.pk, reached=True, seen=last_event(confirmed), note="ご本人", by=office.staff, now=LATER)
    assert confirmed.contacts.values_list("channel", "meaning", "note", "at", "recorded_by").get() == (
        "phone",
        "told",
        "ご本人",
        LATER,
        office.staff.pk,
    )
    line = AuditEntry.objects.first()
    assert (line.what, line.subject, line.person_pk) == ("電話でお知らせする", confirmed.number, confirmed.applicant_id)


def test_call_of_ours_is_no_sign_of_life(office: Office, confirmed: Booking) -> None:
    """C6-1-4b: the ten-minute rule counts what the person says, not that we phoned them."""
    record_call(confirmed.pk, reached=True, seen=last_event(confirmed), by=office.staff, now=LATER)
    assert shows_life(confirmed) is False
    sessions.record_contact(confirmed.pk, channel="phone", meaning="late", by=office.staff, now=LATER, wall=LATER)
    assert shows_life(confirmed) is True


@pytest.mark.parametrize("reached", [True, False])
def test_same_press_twice_is_one_record(office: Office, confirmed: Booking, reached: bool) -> None:
    first, second = (
        record_call(confirmed.pk, reached=reached, seen=last_event(confirmed), by=office.staff, now=LATER + timedelta(seconds=wait))
        for wait in (0, 59)
    )
    assert (first, ContactRecord.objects.count(), AuditEntry.objects.filter(subject_pk=str(confirmed.pk)).count()) == (second, 1, 2)


def test_second_attempt_is_another_record(office: Office, confirmed: Booking) -> None:
    for wait in (0, 60):
        record_call(confirmed.pk, reached=False, seen=last_event(confirmed), by=office.staff, now=LATER + timedelta(seconds=wait))
    assert list(confirmed.contacts.values_list("meaning", flat=True)) == ["not_reached", "not_reached"]


def test_colleague_who_is_slower_hears_who_was_faster(office: Office, confirmed: Booking) -> None:
    seen = last_event(confirmed)
    record_call(confirmed.pk, reached=True, seen=seen, by=office.sato.user, now=LATER)
    with pytest.raises(AlreadyTold) as refused:
        record_call(confirmed.pk, reached=False, seen=seen, by=office.tanaka.user, now=LATER)
    assert (refused.value.by, refused.value.at) == ("佐藤", LATER)


def test_booking_that_has_moved_on_is_not_told_of_its_past(office: Office, confirmed: Booking) -> None:
    seen = last_event(confirmed)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.tanaka.user, now=LATER, wall=LATER)
    with pytest.raises(StateChanged) as refused:
        record_call(confirmed.pk, reached=True, seen=seen, by=office.sato.user, now=LATER)
    assert (refused.value.by, ContactRecord.objects.count()) == ("田中", 0)


def test_note_of_a_call_is_not_kept_for_good(office: Office, confirmed: Booking) -> None:
    """The note goes 30 days after the session; the audit never forgets, so it is told nothing of it."""
    record_call(confirmed.pk, reached=True, seen=last_event(confirmed), note="お母様が出た", by=office.staff, now=LATER)
    assert AuditEntry.objects.first().reason == ""


def test_person_who_took_the_request_back_is_not_told_so(office: Office, requested: Booking) -> None:
    bookings.withdraw(requested.pk, now=LATER, wall=LATER)
    with pytest.raises(StateChanged):
        record_call(requested.pk, reached=True, seen=last_event(requested), by=office.staff, now=LATER)
