"""Looking at Zoom's own side: credentials, scopes and hosts, and the meetings that bear our mark."""

from datetime import date, timedelta

import pytest

from booking.models import Booking, Meeting, ZoomCheck, ZoomHost
from booking.operations import meetings, sessions
from booking.operations.meetings import checking
from booking.rules.meetings import MAX_ATTEMPTS, UNTIL_OPERATOR
from booking.video.port import MeetingSpec
from tests.cast import MORNING, SESSION, Office
from tests.seminars import published
from tests.simulator import SimulatorHandle
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = MORNING + 3 * HOUR
STRAY = "0123456789abcdef0123456789abcdef"


def ensure(booking: Booking, hours: int = 1) -> Meeting:
    meeting = Meeting.objects.get(booking=booking)
    meetings.ensure_meeting(meeting.pk, now=MORNING + hours * HOUR, wall=MORNING + hours * HOUR)
    meeting.refresh_from_db()
    return meeting


def spec(host: str, reference: str) -> MeetingSpec:
    return MeetingSpec(host, "オンライン職業相談", SESSION, 30, reference, "Kq7mZ2xw9A")


def sweep(at: timedelta = 2 * HOUR) -> int:
    """The lists are compared, and whoever was sent to look has looked twice."""
    strangers = meetings.sweep_orphans(now=MORNING + at, wall=MORNING + at)
    for minute in range(1, 3):
        meetings.sweep_meetings(now=MORNING + at, wall=MORNING + at + timedelta(minutes=minute))
    return strangers


# --- credentials, scopes, hosts ------------------------------------------------------------------------------------------------------


def test_all_in_order(office: Office, zoom: SimulatorHandle) -> None:
    check = meetings.check_zoom(wall=MORNING)
    assert (check.trouble, check.missing_scopes) == ("", [])
    assert set(ZoomHost.objects.values_list("finding", "checked_at")) == {("licensed", MORNING)}


def test_missing_scopes_are_named_in_words(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.switch(missing_scopes=["meeting:delete:meeting:admin"])
    check = meetings.check_zoom(wall=MORNING)
    assert (check.trouble, check.missing_in_words) == ("not_authorised", ["ミーティングの削除（meeting:delete:meeting:admin）"])


def test_scope_that_was_added_is_seen_at_the_next_look(office: Office, zoom: SimulatorHandle) -> None:
    """Zoom gives it with a new token only, and the old one would be good for an hour."""
    zoom.control.switch(missing_scopes=["meeting:delete:meeting:admin"])
    meetings.check_zoom(wall=MORNING)
    zoom.control.switch(missing_scopes=[])
    assert meetings.check_zoom(wall=MORNING).trouble == ""


@pytest.mark.parametrize(("kind", "trouble"), [("reject_client", "not_authorised"), ("outage", "unreachable"), ("throttle", "busy")])
def test_trouble_with_the_token_is_told_by_its_kind(office: Office, zoom: SimulatorHandle, kind: str, trouble: str) -> None:
    zoom.control.fault(kind, on="token")
    assert meetings.check_zoom(wall=MORNING).trouble == trouble
    assert ZoomCheck.objects.latest().trouble == trouble


def test_host_unknown_to_zoom_is_found(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.switch(unknown_hosts=["sato@zoom.example.jp"])
    meetings.check_zoom(wall=MORNING)
    assert list(ZoomHost.objects.order_by("pk").values_list("finding", flat=True)) == ["unknown", "licensed"]


def test_host_out_of_use_is_not_asked_for(office: Office, zoom: SimulatorHandle) -> None:
    ZoomHost.objects.filter(email="sato@zoom.example.jp").update(is_active=False)
    meetings.check_zoom(wall=MORNING)
    assert len(zoom.control.calls("user")) == 1


def test_meeting_waits_for_the_operator_and_goes_on_by_itself(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("reject_client")
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, meeting.trouble, meeting.attempts) == (OutboxState.WANTED, "not_authorised", 0)
    assert meeting.next_try_at == MORNING + HOUR + UNTIL_OPERATOR
    meetings.check_zoom(wall=MORNING + HOUR)
    meeting.refresh_from_db()
    assert meeting.next_try_at == MORNING + HOUR + UNTIL_OPERATOR  # nothing has been put right
    zoom.control.clear_faults()
    soon = MORNING + HOUR + timedelta(minutes=1)
    meetings.check_zoom(wall=soon)
    meetings.sweep_meetings(now=soon, wall=soon)
    meeting.refresh_from_db()
    assert (meeting.outbox_state, meeting.trouble, meeting.last_error) == (OutboxState.DONE, "", "")


def test_meeting_given_up_in_a_long_outage_is_taken_up_again(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("outage")
    Meeting.objects.filter(booking=confirmed).update(attempts=MAX_ATTEMPTS - 1)
    assert ensure(confirmed).outbox_state == OutboxState.FAILED
    zoom.control.clear_faults()
    meetings.check_zoom(wall=LATER)
    meetings.sweep_meetings(now=LATER, wall=LATER)
    assert (Meeting.objects.get().outbox_state, len(zoom.control.standing())) == (OutboxState.DONE, 1)


def test_meeting_of_a_host_who_may_again_is_taken_up_again(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.switch(unknown_hosts=["sato@zoom.example.jp"])
    meeting = ensure(confirmed)
    assert (meeting.outbox_state, meeting.trouble) == (OutboxState.FAILED, "host")
    meetings.check_zoom(wall=LATER)
    assert Meeting.objects.get().outbox_state == OutboxState.FAILED
    zoom.control.switch(unknown_hosts=[])
    meetings.check_zoom(wall=LATER)
    meetings.sweep_meetings(now=LATER, wall=LATER)
    assert Meeting.objects.get().outbox_state == OutboxState.DONE


def test_seminars_meeting_is_taken_up_again_too(office: Office, zoom: SimulatorHandle) -> None:
    zoom.control.switch(unknown_hosts=["sato@zoom.example.jp"])
    published(office)
    meetings.sweep_meetings(now=MORNING, wall=MORNING)
    row = Meeting.objects.get()
    assert (row.outbox_state, row.trouble) == (OutboxState.FAILED, "host")
    zoom.control.switch(unknown_hosts=[])
    meetings.check_zoom(wall=LATER)
    meetings.sweep_meetings(now=LATER, wall=LATER)
    assert Meeting.objects.get().outbox_state == OutboxState.DONE


def test_what_was_refused_waits_for_staff(confirmed: Booking, zoom: SimulatorHandle) -> None:
    zoom.control.fault("override_settings", count=1)
    ensure(confirmed)
    meetings.check_zoom(wall=LATER)
    assert (Meeting.objects.get().outbox_state, Meeting.objects.get().trouble) == (OutboxState.FAILED, "unsafe")


def test_old_checks_are_forgotten(office: Office, zoom: SimulatorHandle) -> None:
    meetings.check_zoom(wall=MORNING)
    checking.forget(wall=MORNING + checking.KEPT_FOR)
    assert ZoomCheck.objects.count() == 1
    checking.forget(wall=MORNING + checking.KEPT_FOR + timedelta(seconds=1))
    assert ZoomCheck.objects.count() == 0


# --- orphans -------------------------------------------------------------------------------------------------------------------------


def test_second_meeting_of_a_booking_is_taken_away(confirmed: Booking, zoom: SimulatorHandle) -> None:
    """Left behind on another host, where nobody looks by himself."""
    meeting = ensure(confirmed)
    meetings.zoom(wall=MORNING).create(spec("tanaka@zoom.example.jp", meeting.reference))
    assert sweep() == 0
    after = Meeting.objects.get()
    assert [made["id"] for made in zoom.control.standing()] == [meeting.meeting_id] == [after.meeting_id]
    assert (after.outbox_state, after.in_doubt, after.ready_at) == (OutboxState.DONE, False, meeting.ready_at)


def test_meeting_left_after_a_cancellation_is_taken_away(confirmed: Booking, office: Office, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=MORNING, wall=MORNING + HOUR)
    ensure(confirmed)
    meetings.zoom(wall=MORNING).create(spec("sato@zoom.example.jp", meeting.reference))
    sweep()
    assert (zoom.control.standing(), Meeting.objects.get().exists) == ([], False)


def test_meeting_nobody_here_knows_is_counted_and_left_alone(office: Office, zoom: SimulatorHandle) -> None:
    """Another installation's, or made after the backup that was restored: people decide."""
    meetings.check_zoom(wall=MORNING)
    meetings.zoom(wall=MORNING).create(spec("sato@zoom.example.jp", STRAY))
    meetings.zoom(wall=MORNING).create(spec("sato@zoom.example.jp", "ours-by-hand"))  # somebody's own words behind "ref:"
    assert (sweep(), len(zoom.control.standing()), ZoomCheck.objects.latest().strangers) == (1, 2, 1)


def test_meeting_deleted_by_hand_is_made_again(confirmed: Booking, zoom: SimulatorHandle) -> None:
    before = ensure(confirmed)
    assert before.meeting_id is not None
    meetings.zoom(wall=MORNING).delete(before.meeting_id)
    sweep()
    after = Meeting.objects.get()
    assert [made["id"] for made in zoom.control.standing()] == [after.meeting_id]
    assert (after.outbox_state, after.meeting_id == before.meeting_id, after.made_at == before.made_at) == (OutboxState.DONE, False, False)


def test_meeting_that_zooms_list_does_not_show_yet_is_not_doubted(confirmed: Booking, zoom: SimulatorHandle) -> None:
    meeting = ensure(confirmed)
    assert meeting.meeting_id is not None
    meetings.zoom(wall=MORNING).delete(meeting.meeting_id)
    meetings.sweep_orphans(now=MORNING + HOUR + timedelta(minutes=9), wall=LATER)
    assert Meeting.objects.get().in_doubt is False


def test_meeting_in_work_is_left_to_its_worker(confirmed: Booking, zoom: SimulatorHandle) -> None:
    """The sweep saw what a worker has just made and not yet written down: it must still be there afterwards."""
    claimed = Meeting.objects.claim(Meeting.objects.get().pk, lease=meetings.LEASE, wall=MORNING + HOUR)
    made = meetings.zoom(wall=MORNING).create(spec("sato@zoom.example.jp", claimed.reference))
    sweep(HOUR)
    claimed.refresh_from_db()
    assert ([each["id"] for each in zoom.control.standing()], claimed.outbox_state) == ([made.meeting_id], OutboxState.CLAIMED)


def test_host_whose_list_cannot_be_read_is_passed_over(confirmed: Booking, zoom: SimulatorHandle) -> None:
    ensure(confirmed)
    zoom.control.fault("outage", on="list")
    assert sweep() == 0
    assert (Meeting.objects.get().in_doubt, len(zoom.control.standing())) == (False, 1)


def test_sweep_looks_half_a_year_ahead(office: Office, zoom: SimulatorHandle) -> None:
    meetings.sweep_orphans(now=MORNING, wall=MORNING)
    first, last = (date.fromisoformat(zoom.control.calls("list")[0]["query"][name]) for name in ("from", "to"))
    assert (first, last - first) == (date(2027, 4, 4), timedelta(days=183))
