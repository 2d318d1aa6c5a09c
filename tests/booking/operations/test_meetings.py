"""The meeting as wanted and as it is, against the simulator over HTTP: claim, act, settle, sweep, adopt, give up."""

from datetime import timedelta

import pytest

from booking.models import Booking, Meeting, ZoomHost
from booking.operations import meetings, sessions
from booking.operations.meetings import ensuring
from booking.rules.meetings import MAX_ATTEMPTS, UNCLEAR_WAIT
from tests.cast import MORNING, SESSION, Office
from tests.simulator import SimulatorHandle
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
LEASE = meetings.LEASE


def ensure(booking: Booking, wall: timedelta = timedelta(hours=1)) -> Meeting:
    """Let a worker look at the booking's meeting, ``wall`` after the story began."""
    meeting = Meeting.objects.get(booking=booking)
    meetings.ensure_meeting(meeting.pk, now=MORNING + timedelta(hours=1), wall=MORNING + wall)
    meeting.refresh_from_db()
    return meeting


def test_confirmed_booking_gets_one_meeting_in_utc_with_our_reference(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    (made,) = zoom.control.standing()
    assert (meeting.outbox_state, meeting.meeting_id, meeting.attempts) == (OutboxState.DONE, made["id"], 0)
    assert made["agenda"] == f"ref:{meeting.reference}"
    sent = zoom.control.calls("create")[0]["request"]
    assert (sent["start_time"], sent["duration"]) == ("2027-04-08T01:00:00Z", 30)
    assert meeting.passcode not in str(meeting.last_error)


def test_second_worker_finds_nothing_to_do(confirmed: Booking, zoom: SimulatorHandle) -> None:
    ensure(confirmed)
    ensure(confirmed)
    assert len(zoom.control.meetings()) == 1


def test_outage_is_tried_again_and_leaves_one_meeting(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("outage", on="create", count=1)
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, meeting.attempts) == (OutboxState.WANTED, 1)
    meeting = ensure(confirmed, timedelta(hours=1) + UNCLEAR_WAIT)
    assert (meeting.outbox_state, len(zoom.control.standing())) == (OutboxState.DONE, 1)


def test_lost_answer_is_adopted_not_posted_again(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("lose_answer", on="create", count=1)
    assert ensure(confirmed).outbox_state == OutboxState.WANTED
    (made,) = zoom.control.standing()
    meeting = ensure(confirmed, timedelta(hours=1) + UNCLEAR_WAIT)
    assert (meeting.meeting_id, len(zoom.control.calls("create"))) == (made["id"], 1)
    assert meeting.join_url != ""


def test_worker_killed_between_claim_and_settle_is_followed_by_another(confirmed: Booking, zoom: SimulatorHandle) -> None:
    """The first worker created the meeting and died; its lease ends, the sweep takes over and adopts."""
    meeting = Meeting.objects.get(booking=confirmed)
    claimed = Meeting.objects.claim(meeting.pk, lease=LEASE, wall=MORNING + timedelta(hours=1))
    ensuring._act(claimed, meetings.zoom(), now=MORNING)  # … and here it is killed
    meetings.sweep_meetings(now=MORNING, wall=MORNING + timedelta(hours=1) + LEASE - timedelta(seconds=1))
    meeting.refresh_from_db()
    assert meeting.outbox_state == OutboxState.CLAIMED
    meetings.sweep_meetings(now=MORNING, wall=MORNING + timedelta(hours=1) + LEASE)
    meeting.refresh_from_db()
    assert (meeting.outbox_state, len(zoom.control.standing()), len(zoom.control.calls("create"))) == (OutboxState.DONE, 1, 1)


def test_late_worker_cannot_settle_over_its_successor(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = Meeting.objects.get(booking=confirmed)
    slow = Meeting.objects.claim(meeting.pk, lease=LEASE, wall=MORNING + timedelta(hours=1))
    ensure(confirmed, timedelta(hours=1) + LEASE)
    assert slow.settle(OutboxState.FAILED, last_error="too late") is False
    meeting.refresh_from_db()
    assert (meeting.outbox_state, meeting.last_error) == (OutboxState.DONE, "")


def test_cancelled_booking_loses_its_meeting(confirmed: Booking, office: Office, zoom: SimulatorHandle) -> None:
    ensure(confirmed)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=MORNING, wall=MORNING + timedelta(hours=1))
    meeting = ensure(confirmed, timedelta(hours=2))
    assert (meeting.outbox_state, meeting.exists, meeting.join_url, meeting.passcode) == (OutboxState.DONE, False, "", "")
    assert zoom.control.standing() == []


def test_meeting_deleted_by_hand_does_not_disturb_a_cancellation(confirmed: Booking, office: Office, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    assert meeting.meeting_id is not None
    meetings.zoom().delete(meeting.meeting_id)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=MORNING, wall=MORNING + timedelta(hours=1))
    assert ensure(confirmed, timedelta(hours=2)).outbox_state == OutboxState.DONE


def test_sweep_takes_the_meeting_away_once_the_session_is_over(confirmed: Booking, zoom: SimulatorHandle) -> None:
    ensure(confirmed)
    end = SESSION + timedelta(minutes=30)
    meetings.sweep_meetings(now=end - timedelta(seconds=1), wall=end)
    assert len(zoom.control.standing()) == 1
    meetings.sweep_meetings(now=end, wall=end)
    assert zoom.control.standing() == []


def test_lost_nudge_is_found_by_the_sweep(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meetings.sweep_meetings(now=MORNING, wall=MORNING + timedelta(hours=1))
    assert len(zoom.control.standing()) == 1


def test_settings_overridden_by_the_account_fail_visibly_and_leave_nothing(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("override_settings", count=1)
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, zoom.control.standing()) == (OutboxState.FAILED, [])
    press = {"by": confirmed.counsellor.user, "now": MORNING, "wall": MORNING + timedelta(hours=2)}
    assert [meetings.try_again(meeting.pk, **press) for _press in range(2)] == [True, False]
    assert [(entry.what, entry.subject) for entry in AuditEntry.objects.order_by("pk")][1:] == [
        ("Zoomミーティングをもう一度作成する", confirmed.number)
    ]
    assert ensure(confirmed, timedelta(hours=2)).outbox_state == OutboxState.DONE


def test_trouble_without_end_is_given_up_visibly(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("outage")
    Meeting.objects.filter(booking=confirmed).update(attempts=MAX_ATTEMPTS - 1)
    assert ensure(confirmed).outbox_state == OutboxState.FAILED


def test_host_link_is_fetched_fresh_and_never_stored(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    link = meetings.host_link(confirmed.pk)
    assert "zak=" in link
    meeting.refresh_from_db()
    assert link not in [str(getattr(meeting, field.attname)) for field in Meeting._meta.concrete_fields]


def test_trouble_nobody_thought_of_is_tried_later_and_told_by_its_type_alone(confirmed: Booking, zoom: SimulatorHandle) -> None:
    ZoomHost.objects.update(is_active=False)
    ZoomHost.objects.filter(pk=confirmed.host_id).update(email="")  # no meeting can be specified for it
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, meeting.attempts, meeting.last_error) == (OutboxState.WANTED, 1, "ValueError")
    assert meeting.next_try_at == MORNING + timedelta(hours=1) + UNCLEAR_WAIT
    Meeting.objects.update(attempts=MAX_ATTEMPTS - 1)
    assert ensure(confirmed, timedelta(hours=2)).outbox_state == OutboxState.FAILED


def test_cancellation_after_an_unclear_answer_waits_and_deletes_what_was_made(
    confirmed: Booking, office: Office, zoom: SimulatorHandle
) -> None:
    """Zoom's list shows a new meeting only after a while: looking at once would find nothing and leave it there for good."""
    zoom.control.fault("lose_answer", on="create", count=1)
    due = ensure(confirmed).next_try_at
    soon = MORNING + timedelta(hours=1, seconds=3)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=MORNING, wall=soon)
    meeting = ensure(confirmed, soon - MORNING)
    assert (meeting.outbox_state, meeting.next_try_at, len(zoom.control.standing())) == (OutboxState.WANTED, due, 1)
    meeting = ensure(confirmed, due - MORNING)
    assert (meeting.outbox_state, zoom.control.standing()) == (OutboxState.DONE, [])
