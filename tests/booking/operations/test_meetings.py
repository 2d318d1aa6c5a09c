"""The meeting as wanted and as it is, against the simulator over HTTP: claim, act, settle, sweep, adopt, give up."""

from datetime import timedelta

import pytest
import requests

from booking.models import Booking, HostDay, Meeting, ZoomHost
from booking.operations import meetings, sessions
from booking.operations.meetings import ensuring
from booking.rules.meetings import MAX_ATTEMPTS, UNCLEAR_WAIT
from booking.rules.quota import CALLS_A_DAY, goes_on_at, zoom_day
from booking.video.port import MeetingSpec, Unsafe
from tests.cast import MORNING, SESSION, Office
from tests.simulator import SimulatorHandle
from tests.surroundings import PATIENCE_SECONDS
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
    ensuring._act(claimed, meetings.zoom(wall=MORNING), now=MORNING)  # … and here it is killed
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
    meetings.zoom(wall=MORNING).delete(meeting.meeting_id)
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


def opened_up(meeting: Meeting, zoom: SimulatorHandle, topic: str = "別の会議") -> None:
    """Somebody changed the meeting at Zoom's own page: another topic, and nobody waits at the door any more."""
    spec = MeetingSpec(meeting.host_email, topic, SESSION, 30, meeting.reference, meeting.passcode)
    zoom.control.fault("override_settings", on="update", settings={"waiting_room": False}, count=1)
    with pytest.raises(Unsafe):
        meetings.zoom(wall=MORNING).update(meeting.meeting_id or 0, spec)


def start(booking: Booking) -> None:
    """The counsellor opens the meeting."""
    table, _, key = meetings.host_link(booking, wall=MORNING).partition("?zak=")
    requests.post(f"{table}/start", data={"zak": key}, timeout=PATIENCE_SECONDS).raise_for_status()


def test_meeting_opened_up_by_hand_is_put_right(confirmed: Booking, zoom: SimulatorHandle) -> None:
    """One change, and the link that people have stays (C12-2)."""
    before = ensure(confirmed)
    opened_up(before, zoom)
    meetings.doubt(before.pk, wall=MORNING + timedelta(hours=2))
    after = ensure(confirmed, timedelta(hours=2))
    (standing,) = zoom.control.standing()
    assert (standing["settings"]["waiting_room"], standing["fields"]["topic"]) == (True, ensuring.SESSION_TOPIC)
    assert (after.outbox_state, after.join_url, after.ready_at) == (OutboxState.DONE, before.join_url, before.ready_at)


def test_meeting_that_cannot_be_put_right_is_given_up_as_unsafe(confirmed: Booking, zoom: SimulatorHandle) -> None:
    before = ensure(confirmed)
    opened_up(before, zoom)
    zoom.control.fault("override_settings", on="update", settings={"waiting_room": False})
    meetings.doubt(before.pk, wall=MORNING + timedelta(hours=2))
    after = ensure(confirmed, timedelta(hours=2))
    assert (after.outbox_state, after.trouble, len(zoom.control.standing())) == (OutboxState.FAILED, "unsafe", 1)
    with pytest.raises(sessions.MeetingNotReady):  # nobody is let into a room that is open to everybody
        sessions.join(confirmed.pk, confirmed.applicant_id, now=SESSION)


def test_running_meeting_is_left_as_its_host_opened_it(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    for topic in ("別の会議", ensuring.SESSION_TOPIC):
        opened_up(meeting, zoom, topic)
    start(confirmed)
    changed = len(zoom.control.calls("update"))
    meetings.doubt(meeting.pk, wall=MORNING + timedelta(hours=2))
    after = ensure(confirmed, timedelta(hours=2))
    assert (after.outbox_state, len(zoom.control.calls("update")), len(zoom.control.standing())) == (OutboxState.DONE, changed, 1)


def test_running_meeting_that_has_to_be_changed_waits(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    opened_up(meeting, zoom)
    start(confirmed)
    meetings.doubt(meeting.pk, wall=MORNING + timedelta(hours=2))
    after = ensure(confirmed, timedelta(hours=2))
    assert (after.outbox_state, after.last_error) == (OutboxState.WANTED, "the meeting is running and cannot be changed: topic")


def test_unsafe_meeting_nobody_told_us_of_is_taken_away(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("override_settings")
    zoom.control.fault("lose_answer", on="create", count=1)
    assert ensure(confirmed).outbox_state == OutboxState.WANTED
    meeting = ensure(confirmed, timedelta(hours=1) + UNCLEAR_WAIT)
    assert (meeting.outbox_state, meeting.trouble, zoom.control.standing()) == (OutboxState.FAILED, "unsafe", [])


def test_adopted_meeting_keeps_its_passcode(confirmed: Booking, zoom: SimulatorHandle) -> None:
    """Nothing of it has to be changed, so none of the host's calls is spent."""
    zoom.control.fault("lose_answer", on="create", count=1)
    ensure(confirmed)
    meeting = ensure(confirmed, timedelta(hours=1) + UNCLEAR_WAIT)
    (made,) = zoom.control.standing()
    assert (meeting.passcode, zoom.control.calls("update")) == (made["fields"]["password"], [])


def test_meeting_said_to_be_gone_once_is_believed_the_second_time(confirmed: Booking, zoom: SimulatorHandle) -> None:
    """Zoom has said so in its own bad hours, of meetings that stood."""
    before = ensure(confirmed)
    zoom.control.fault("refuse", on="get", status=404, code=3001, message="Meeting does not exist.", count=2)
    meetings.doubt(before.pk, wall=MORNING + timedelta(hours=2))
    once = ensure(confirmed, timedelta(hours=2))
    assert (once.outbox_state, once.next_try_at) == (OutboxState.WANTED, MORNING + timedelta(hours=2) + UNCLEAR_WAIT)
    again = ensure(confirmed, timedelta(hours=2) + UNCLEAR_WAIT)
    assert (again.outbox_state, again.meeting_id, len(zoom.control.standing())) == (OutboxState.DONE, before.meeting_id, 1)


def test_doubt_raised_while_a_worker_looks_is_kept(confirmed: Booking, zoom: SimulatorHandle) -> None:
    before = ensure(confirmed)
    meetings.doubt(before.pk, wall=MORNING + timedelta(hours=2))
    claimed = Meeting.objects.claim(before.pk, lease=LEASE, wall=MORNING + timedelta(hours=2))
    changes = ensuring._act(claimed, meetings.zoom(wall=MORNING), now=MORNING)
    meetings.doubt(before.pk, wall=MORNING + timedelta(hours=2))
    claimed.settle(OutboxState.DONE, **changes)
    looks = len(zoom.control.calls("list"))
    meetings.sweep_meetings(now=MORNING, wall=MORNING + timedelta(hours=3))
    assert (len(zoom.control.calls("list")), Meeting.objects.get().in_doubt) == (looks + 1, False)


def test_doubt_about_what_was_given_up_waits_for_staff(confirmed: Booking, zoom: SimulatorHandle) -> None:
    Meeting.objects.filter(booking=confirmed).update(outbox_state=OutboxState.FAILED)
    meetings.doubt(Meeting.objects.get().pk, wall=MORNING)
    assert (Meeting.objects.get().outbox_state, Meeting.objects.get().in_doubt) == (OutboxState.FAILED, False)


def test_throttled_attempt_is_not_held_against_the_meeting(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("throttle", on="create")
    Meeting.objects.filter(booking=confirmed).update(attempts=MAX_ATTEMPTS)
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, meeting.attempts, meeting.trouble) == (OutboxState.WANTED, MAX_ATTEMPTS, "busy")


def test_meeting_made_before_the_throttle_is_found_again(confirmed: Booking, office: Office, zoom: SimulatorHandle) -> None:
    """It was made on the new host and the old one could not be taken away: the attempt does not count, but its doubt does."""
    before = ensure(confirmed)
    Booking.objects.filter(pk=confirmed.pk).update(host=office.tanaka.default_host)
    Meeting.objects.update(outbox_state=OutboxState.WANTED)
    zoom.control.fault("throttle", on="delete", count=1)
    waits = ensure(confirmed, timedelta(hours=2))
    assert (waits.outbox_state, waits.attempts, waits.in_doubt, waits.meeting_id == before.meeting_id) == (
        OutboxState.WANTED,
        0,
        True,
        False,
    )
    after = ensure(confirmed, timedelta(hours=3))
    meetings.sweep_orphans(now=MORNING, wall=MORNING + timedelta(hours=4))
    meetings.sweep_meetings(now=MORNING, wall=MORNING + timedelta(hours=5))
    assert [made["id"] for made in zoom.control.standing()] == [after.meeting_id]


def test_spent_day_waits_until_nine(confirmed: Booking, zoom: SimulatorHandle) -> None:
    HostDay.objects.create(host_email=confirmed.host.email, day=zoom_day(MORNING), calls=CALLS_A_DAY)
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, meeting.trouble, meeting.next_try_at) == (OutboxState.WANTED, "quota", goes_on_at(MORNING))
    assert ensure(confirmed, goes_on_at(MORNING) - MORNING).outbox_state == OutboxState.DONE


def test_host_link_of_a_meeting_that_is_gone_has_it_made_again(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    meetings.zoom(wall=MORNING).delete(meeting.meeting_id or 0)
    with pytest.raises(meetings.HostLinkUnavailable):
        meetings.host_link(confirmed, wall=MORNING + timedelta(hours=2))
    for minutes in (0, 1):
        ensure(confirmed, timedelta(hours=2, minutes=minutes))
    assert [made["id"] for made in zoom.control.standing()] == [Meeting.objects.get().meeting_id]


def test_trouble_without_end_is_given_up_visibly(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("outage")
    Meeting.objects.filter(booking=confirmed).update(attempts=MAX_ATTEMPTS - 1)
    assert ensure(confirmed).outbox_state == OutboxState.FAILED


def test_host_link_is_fetched_fresh_and_never_stored(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    link = meetings.host_link(confirmed, wall=MORNING)
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
