"""The last resort: a link that staff enter. Zoom is not asked for it, nothing of the portal's own is left, and it leads nowhere it was not meant for."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking.models import Booking, Meeting, Participant
from booking.operations import access, delivery, manual_links, meetings, moving, sessions, telephone
from booking.operations.evidence import gather
from booking.operations.manual_links import Link, MeetingStands, NotByHand, NumberInUse
from booking.operations.sessions import HeldByPhone, JoinOver, MeetingNotReady
from booking.queries import meetings_that_differ, policy_at
from booking.rules.meetings import UNCLEAR_WAIT
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_meeting_ready
from tests.kinds import interview
from tests.simulator import SimulatorHandle
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=3)
MINUTE = timedelta(minutes=1)
BY_HAND = Link("https://us02web.zoom.us/j/85312345678?pwd=abc", 85312345678, "Ab3-x")
ANOTHER = Link("https://us02web.zoom.us/j/85387654321?pwd=def", 85387654321, "cD4_y")


def enter(booking: Booking, office: Office, link: Link = BY_HAND, now: datetime = NOON) -> Meeting:
    return manual_links.enter(booking.pk, link, by=office.staff, now=now, wall=now)


def ensure(booking: Booking, *, wall: datetime, now: datetime = NOON) -> Meeting:
    meeting = Meeting.objects.get(booking=booking)
    meetings.ensure_meeting(meeting.pk, now=now, wall=wall)
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def failed(confirmed: Booking, zoom: SimulatorHandle) -> Booking:
    """Zoom does not answer: the first try was in vain."""
    zoom.control.fault("outage", on="any", count=100)
    assert ensure(confirmed, wall=NOON).outbox_state == OutboxState.WANTED
    return confirmed


# --- entering ------------------------------------------------------------------------------------------------------------


def test_link_stands_marked_as_what_it_is(office: Office, failed: Booking) -> None:
    meeting = enter(failed, office)
    assert (meeting.outbox_state, meeting.manual_at, meeting.manual_by, meeting.last_error) == (OutboxState.DONE, NOON, office.staff, "")
    assert (meeting.join_url, meeting.meeting_id, meeting.passcode) == (BY_HAND.join_url, BY_HAND.meeting_id, BY_HAND.passcode)
    assert (meeting.made_at, meeting.ready_at, meeting.is_for(failed), meeting.leads_into(failed)) == (NOON, NOON, True, True)
    assert sessions.join(failed.pk, failed.applicant_id, now=SESSION) == BY_HAND.join_url
    assert meetings.host_link(failed, wall=NOON) == BY_HAND.join_url
    assert gather([Booking.objects.get()], policy_at(NOON))[failed.pk].meeting_ready_at == NOON


def test_neither_number_nor_passcode_stands_in_the_audit_or_in_the_words_of_the_link(office: Office, failed: Booking) -> None:
    enter(failed, office)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.subject, entry.changes) == ("Zoomのリンクを手入力する", failed.number, {})
    assert repr(BY_HAND) == "Link()"


def test_zoom_is_asked_for_nothing_as_long_as_the_link_fits(office: Office, failed: Booking, zoom: SimulatorHandle) -> None:
    enter(failed, office)
    asked = len(zoom.control.calls())
    zoom.control.clear_faults()
    moving.reassign(failed.pk, moving.Change(office.staff, "研修", counsellor=office.tanaka.pk, host=failed.host_id), now=NOON, wall=NOON)
    assert ensure(failed, wall=NOON + 9 * MINUTE).manual_at == NOON
    meetings.sweep_meetings(now=SESSION, wall=NOON + 10 * MINUTE)
    assert (len(zoom.control.calls()), list(meetings_that_differ(now=SESSION))) == (asked, [])


def test_without_the_mark_the_portal_would_make_its_own(office: Office, failed: Booking, zoom: SimulatorHandle) -> None:
    """The control of the above."""
    enter(failed, office)
    zoom.control.clear_faults()
    Meeting.objects.update(manual_at=None, manual_by=None, removed_at=NOON, passcode="")
    meetings.sweep_meetings(now=SESSION, wall=NOON + 10 * MINUTE)
    assert len(zoom.control.standing()) == 1


def test_link_is_not_wanted_where_the_portals_own_meeting_stands_or_is_being_made(
    office: Office, confirmed: Booking, zoom: SimulatorHandle
) -> None:
    soon = confirmed.confirmed_at + MINUTE
    with pytest.raises(MeetingStands):
        enter(confirmed, office, now=soon)
    ensure(confirmed, wall=NOON)
    with pytest.raises(MeetingStands):
        enter(confirmed, office)
    assert Meeting.objects.get().manual_at is None


def test_link_may_be_entered_where_no_worker_ever_looked(office: Office, confirmed: Booking) -> None:
    """The queue stands still: nothing failed, and nothing comes."""
    waited = confirmed.confirmed_at + manual_links.PATIENCE
    with pytest.raises(MeetingStands):
        enter(confirmed, office, now=waited - timedelta(seconds=1))
    assert enter(confirmed, office, now=waited).leads_into(confirmed)


def test_meeting_of_another_session_is_refused(office: Office, failed: Booking) -> None:
    """Two people would meet in it."""
    other = interview(office)
    make_meeting_ready(other)
    with pytest.raises(NumberInUse) as refusal:
        enter(failed, office, Link("https://zoom.us/j/98765432101", 98765432101, "x"))
    assert (refusal.value.occasion, Meeting.objects.get(booking=failed).manual_at) == (other, None)


def test_session_that_is_over_cancelled_or_by_phone_takes_no_link(office: Office, failed: Booking) -> None:
    with pytest.raises(JoinOver):
        enter(failed, office, now=failed.ends_at)
    telephone.by_phone(failed.pk, by=office.staff, now=NOON, wall=NOON)
    with pytest.raises(HeldByPhone):
        enter(failed, office)
    sessions.cancel_by_office(failed.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    with pytest.raises(JoinOver):
        enter(failed, office)


def test_link_is_corrected_and_a_meeting_that_is_not_meant_any_more_is_to_be_deleted(office: Office, failed: Booking) -> None:
    enter(failed, office)
    meeting = enter(failed, office, Link(BY_HAND.join_url, BY_HAND.meeting_id, "right"), now=NOON + MINUTE)
    assert (meeting.passcode, meeting.made_at, meeting.to_delete_by_hand) == ("right", NOON + MINUTE, False)
    meeting = enter(failed, office, ANOTHER, now=NOON + 2 * MINUTE)
    assert (meeting.meeting_id, meeting.to_delete_by_hand) == (ANOTHER.meeting_id, True)


def test_code_that_was_told_before_has_to_be_told_anew(office: Office, accepted: Booking, zoom: SimulatorHandle) -> None:
    make_meeting_ready(accepted, at=MORNING)
    part = accepted.participants.get()
    told_at = accepted.starts_at + MINUTE
    delivery.record_delivery(part.pk, "job_seeker_mypage", "told", by=office.staff, now=told_at)
    Meeting.objects.filter(booking=accepted).update(outbox_state=OutboxState.FAILED)
    enter(accepted, office, now=told_at + MINUTE)
    assert delivery.is_told(Participant.objects.get(pk=part.pk)) is False
    assert delivery.open_code(accepted.pk, by=office.staff, now=told_at + MINUTE).passcode == BY_HAND.passcode


# --- what the portal itself may have made --------------------------------------------------------------------------------


def test_worker_that_was_at_it_loses_its_claim_and_its_meeting_is_taken_away_at_last(
    office: Office, confirmed: Booking, zoom: SimulatorHandle
) -> None:
    """The worker's answer comes after the link was entered: one way in, and in the end no meeting of ours."""
    waited = confirmed.confirmed_at + manual_links.PATIENCE
    claimed = Meeting.objects.claim(Meeting.objects.get().pk, lease=meetings.LEASE, wall=NOON)
    made = meetings.ensuring._act(claimed, meetings.zoom(wall=waited), now=waited)
    enter(confirmed, office, now=waited)
    assert claimed.settle("done", attempts=0, **made) is False
    assert (Meeting.objects.get().meeting_id, len(zoom.control.standing())) == (BY_HAND.meeting_id, 1)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)
    ensure(confirmed, wall=NOON + MINUTE)
    assert zoom.control.standing() == []


def test_link_is_taken_back_and_what_was_half_made_is_adopted(office: Office, confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("lose_answer", on="create", count=1)
    ensure(confirmed, wall=NOON)
    (half_made,) = zoom.control.standing()
    enter(confirmed, office)
    manual_links.take_back(confirmed.pk, by=office.staff, now=NOON + MINUTE, wall=NOON + UNCLEAR_WAIT)
    meeting = Meeting.objects.get()
    assert (meeting.manual_at, meeting.join_url, meeting.passcode, meeting.to_delete_by_hand) == (None, "", "", True)
    with pytest.raises(MeetingNotReady):
        sessions.join(confirmed.pk, confirmed.applicant_id, now=SESSION)
    meeting = ensure(confirmed, wall=NOON + UNCLEAR_WAIT)
    assert (meeting.meeting_id, len(zoom.control.meetings()), meeting.to_delete_by_hand) == (half_made["id"], 1, True)
    with pytest.raises(NotByHand):
        manual_links.take_back(confirmed.pk, by=office.staff, now=NOON + MINUTE, wall=NOON)


def test_long_pause_between_tries_ends_with_the_entry(office: Office, failed: Booking) -> None:
    """Else what staff have to delete would be named only a quarter of an hour later."""
    Meeting.objects.update(next_try_at=NOON + 15 * MINUTE)
    assert enter(failed, office).next_try_at == NOON + UNCLEAR_WAIT


# --- setting it aside ----------------------------------------------------------------------------------------------------


def cancel(booking: Booking, office: Office) -> None:
    sessions.cancel_by_office(booking.pk, reason="停電", by=office.staff, now=NOON, wall=NOON)


def phone(booking: Booking, office: Office) -> None:
    telephone.by_phone(booking.pk, by=office.staff, now=NOON, wall=NOON)


@pytest.mark.parametrize("end", [cancel, phone])
def test_link_of_what_is_cancelled_or_held_by_phone_is_off_and_left_to_staff(
    office: Office, failed: Booking, zoom: SimulatorHandle, end: Callable[[Booking, Office], None]
) -> None:
    """Also while Zoom is still down: the portal's own side does not wait for it."""
    enter(failed, office)
    end(failed, office)
    with pytest.raises((JoinOver, HeldByPhone)):
        sessions.join(failed.pk, failed.applicant_id, now=SESSION)
    meeting = ensure(failed, wall=NOON + MINUTE)
    assert (meeting.manual_at, meeting.join_url, meeting.passcode, meeting.to_delete_by_hand) == (None, "", "", True)
    manual_links.note_deleted(failed.pk, by=office.staff, now=NOON)
    assert (Meeting.objects.get().to_delete_by_hand, AuditEntry.objects.latest("pk").what) == (
        False,
        "Zoomのサイトで削除したことを記録する",
    )
    with pytest.raises(NotByHand):
        manual_links.note_deleted(failed.pk, by=office.staff, now=NOON)


def test_move_closes_the_way_in_until_the_portal_has_made_its_own(office: Office, failed: Booking, zoom: SimulatorHandle) -> None:
    enter(failed, office)
    later = at(THURSDAY, 14)
    moved = moving.move(failed.pk, later, moving.Change(office.staff, "通院"), now=NOON, wall=NOON)
    for way in (
        lambda: sessions.join(moved.pk, moved.applicant_id, now=later),
        lambda: access.tell_code(moved.pk, by=office.staff, now=later),
    ):
        with pytest.raises(MeetingNotReady):
            way()
    zoom.control.clear_faults()
    meeting = ensure(moved, wall=NOON + MINUTE)
    (made,) = zoom.control.standing()
    assert (meeting.meeting_id, meeting.manual_at, meeting.to_delete_by_hand) == (made["id"], None, True)
    assert sessions.join(moved.pk, moved.applicant_id, now=later) == meeting.join_url


def test_move_is_followed_by_staff_who_confirm_the_same_meeting(office: Office, failed: Booking) -> None:
    """They changed its time at Zoom's site: nothing is to be deleted there."""
    enter(failed, office)
    moved = moving.move(failed.pk, at(THURSDAY, 14), moving.Change(office.staff, "通院"), now=NOON, wall=NOON)
    assert ensure(moved, wall=NOON + MINUTE).to_delete_by_hand is True
    meeting = enter(moved, office, now=NOON + 2 * MINUTE)
    assert (meeting.leads_into(moved), meeting.to_delete_by_hand) == (True, False)


def test_other_host_makes_a_meeting_of_its_own(office: Office, failed: Booking, zoom: SimulatorHandle) -> None:
    enter(failed, office)
    other = office.tanaka if failed.counsellor == office.sato else office.sato
    change = moving.Change(office.staff, "研修", counsellor=other.pk, host=other.default_host_id)
    moved = moving.reassign(failed.pk, change, now=NOON, wall=NOON)
    zoom.control.clear_faults()
    meeting = ensure(moved, wall=NOON + MINUTE)
    assert (meeting.host_email, meeting.manual_at, meeting.to_delete_by_hand) == (other.default_host.email, None, True)


def test_link_is_set_aside_once_the_session_is_over(office: Office, failed: Booking, zoom: SimulatorHandle) -> None:
    enter(failed, office)
    zoom.control.clear_faults()
    meetings.sweep_meetings(now=failed.ends_at, wall=NOON + MINUTE)
    meeting = Meeting.objects.get()
    assert (meeting.manual_at, meeting.to_delete_by_hand, meeting.outbox_state) == (None, True, OutboxState.DONE)
    assert gather([Booking.objects.get()], policy_at(NOON))[failed.pk].meeting_ready_at == NOON  # the evidence stays


def test_late_worker_sets_nothing_aside_over_its_successor(office: Office, failed: Booking) -> None:
    """Its claim was taken from it: what it thinks of the booking is of no weight."""
    enter(failed, office)
    cancel(failed, office)
    slow = Meeting.objects.claim(Meeting.objects.get().pk, lease=meetings.LEASE, wall=NOON + MINUTE)
    Meeting.objects.update(claim=None, outbox_state=OutboxState.DONE)
    assert meetings.manual.keeps(slow, now=NOON) is False
    assert Meeting.objects.get().manual_at == NOON
