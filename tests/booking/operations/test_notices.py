"""What is done about Zoom's notices: presence, the counsellor's presence, alarms (A7, C6-1-4b, C12-2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from booking.models import Booking, BookingEvent, Meeting, Participant, SessionAlarm, ZoomNotice
from booking.models.bookings import State
from booking.operations import alarms, evidence, no_contact
from booking.operations.meetings import notices
from booking.rules.meetings import MAX_ATTEMPTS
from tests.cast import MORNING, SESSION, Office, make_meeting_ready
from tests.zoom_notices import GUEST, HOST, NUMBER, message, post
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DUE = SESSION + 10 * MINUTE


@pytest.fixture
def ready(confirmed: Booking) -> Booking:
    """A confirmed session with its meeting."""
    make_meeting_ready(confirmed)
    return confirmed


def tell(event: str, at: datetime, *, told_at: datetime | None = None, **more: Any) -> ZoomNotice:
    """Zoom tells; a worker acts upon it at once."""
    told_at = told_at or at
    assert post(message(event, at, **more), told_at).status_code == 200
    notice = ZoomNotice.objects.latest("pk")
    notices.handle_notice(notice.pk, now=told_at, wall=told_at)
    notice.refresh_from_db()
    return notice


def joined(booking: Booking) -> list[datetime | None]:
    return list(Participant.objects.filter(booking=booking).order_by("pk").values_list("first_joined_at", flat=True))


def office_did_its_part(booking: Booking) -> None:
    """Everything but a sign of life: whatever is told then must be what keeps the session open."""
    event = booking.events.filter(to_state=State.CONFIRMED).latest("pk")
    OutgoingMail.objects.filter(key=event.mail_key).update(delivered_at=MORNING)
    Booking.objects.filter(pk=booking.pk).update(counsellor_seen_at=SESSION)
    for minute in range(-2, 14):
        for name in ("beat", "web"):
            evidence.heartbeat(name, now=SESSION + minute * MINUTE, wall=SESSION + minute * MINUTE)


@pytest.mark.parametrize(
    "event", ["meeting.participant_joined", "meeting.participant_joined_waiting_room", "meeting.participant_jbh_waiting"]
)
def test_guest_at_the_door_is_a_sign_of_life(ready: Booking, event: str) -> None:
    notice = tell(event, SESSION + MINUTE, person=GUEST)
    assert (joined(ready), notice.outbox_state) == ([SESSION + MINUTE], OutboxState.DONE)


def test_first_moment_stays(ready: Booking) -> None:
    tell("meeting.participant_joined", SESSION + 2 * MINUTE, person=GUEST)
    tell("meeting.participant_joined", SESSION + 5 * MINUTE, person=GUEST)
    assert joined(ready) == [SESSION + 2 * MINUTE]


def test_whoever_left_was_there(ready: Booking) -> None:
    """Out of order: leaving is told before coming."""
    tell("meeting.participant_left", SESSION + 3 * MINUTE, person=GUEST)
    assert joined(ready) == [None]
    tell("meeting.participant_joined", SESSION + 2 * MINUTE, told_at=SESSION + 4 * MINUTE, person=GUEST)
    assert joined(ready) == [SESSION + 2 * MINUTE]


@pytest.mark.parametrize(("event", "who"), [("meeting.participant_joined", HOST), ("meeting.started", None)])
def test_host_in_the_meeting_is_the_counsellor(ready: Booking, event: str, who: dict[str, str] | None) -> None:
    tell(event, SESSION - MINUTE, person=who)
    ready.refresh_from_db()
    assert (ready.counsellor_seen_at, joined(ready)) == (SESSION - MINUTE, [None])


@pytest.mark.parametrize("moment", [SESSION - timedelta(hours=1, seconds=1), SESSION + timedelta(minutes=30), SESSION + timedelta(days=1)])
def test_what_happened_at_another_time_is_not_about_this_session(ready: Booking, moment: datetime) -> None:
    """The meeting keeps its number when its session moves."""
    tell("meeting.participant_joined", moment, person=GUEST)
    tell("meeting.started", moment)
    ready.refresh_from_db()
    assert (joined(ready), ready.counsellor_seen_at) == ([None], None)


def test_what_happened_before_the_session_was_arranged_is_not_about_it(ready: Booking) -> None:
    Booking.objects.filter(pk=ready.pk).update(confirmed_at=SESSION - 10 * MINUTE)
    tell("meeting.participant_joined", SESSION - 11 * MINUTE, person=GUEST)
    assert joined(ready) == [None]


@pytest.mark.parametrize("number", [11111111111, "22222222222", None])
def test_meeting_that_is_not_ours_is_stored_and_passed_over(ready: Booking, number: object) -> None:
    notice = tell("recording.started", SESSION, number=number)
    assert (notice.outbox_state, joined(ready), SessionAlarm.objects.count()) == (OutboxState.DONE, [None], 0)


def test_of_an_interview_nobody_knows_which_guest_came(interview: Booking) -> None:
    make_meeting_ready(interview)
    notice = tell("meeting.participant_joined", interview.starts_at, person=GUEST)
    assert (joined(interview), notice.outbox_state) == ([None, None], OutboxState.DONE)


def test_guest_of_an_immediate_session_is_noted(accepted: Booking) -> None:
    make_meeting_ready(accepted)
    tell("meeting.participant_joined", accepted.starts_at + MINUTE, number=str(NUMBER), person=GUEST)
    assert joined(accepted) == [accepted.starts_at + MINUTE]


# --- presence beats the timer -------------------------------------------------------------------------------------------


def test_session_without_a_sign_of_life_is_closed(ready: Booking) -> None:
    """The measure of the tests below: with nothing told, the rule closes."""
    office_did_its_part(ready)
    assert no_contact.apply_no_contact_rule(now=DUE, wall=DUE) == 1


def test_notice_that_was_acted_upon_keeps_the_session_open(ready: Booking) -> None:
    office_did_its_part(ready)
    tell("meeting.participant_joined_waiting_room", DUE - timedelta(seconds=1), person=GUEST)
    assert no_contact.apply_no_contact_rule(now=DUE, wall=DUE) == 0


def test_notice_that_still_waits_keeps_the_session_open(ready: Booking) -> None:
    """A7: stored a second before the limit, its worker has not come yet."""
    office_did_its_part(ready)
    post(message("meeting.participant_joined", DUE - timedelta(seconds=1), person=GUEST), DUE - timedelta(seconds=1))
    assert no_contact.apply_no_contact_rule(now=DUE, wall=DUE) == 0
    notices.sweep_notices(now=DUE, wall=DUE)
    assert no_contact.apply_no_contact_rule(now=DUE + MINUTE, wall=DUE + MINUTE) == 0
    assert joined(ready) == [DUE - timedelta(seconds=1)]


def test_notice_about_another_meeting_holds_nothing_up(ready: Booking) -> None:
    office_did_its_part(ready)
    post(message("meeting.participant_joined", DUE, number=11111111111, person=GUEST), DUE)
    assert no_contact.apply_no_contact_rule(now=DUE, wall=DUE) == 1


def test_notice_that_comes_after_the_closing_stops_its_mail_and_is_shown(ready: Booking) -> None:
    """85 minutes late: nothing is undone by itself, nobody is written to, staff see what has to be corrected."""
    office_did_its_part(ready)
    no_contact.apply_no_contact_rule(now=DUE, wall=DUE)
    before = BookingEvent.objects.count()
    tell("meeting.participant_joined", SESSION + MINUTE, told_at=SESSION + 86 * MINUTE, person=GUEST)
    ready.refresh_from_db()
    assert (ready.state, ready.notice_due_at, joined(ready)) == (State.CANCELLED_NO_CONTACT, None, [SESSION + MINUTE])
    assert (no_contact.send_no_contact_notices(now=DUE + 90 * MINUTE, wall=DUE + 90 * MINUTE), BookingEvent.objects.count()) == (0, before)


# --- alarms ---------------------------------------------------------------------------------------------------------------


def alarm_mails() -> list[tuple[str, str]]:
    return list(OutgoingMail.objects.filter(key__startswith="session-alarm:").order_by("pk").values_list("to", "subject"))


@pytest.fixture
def mailbox_of_sato(office: Office, ready: Booking) -> str:
    assert ready.counsellor is not None
    user = ready.counsellor.user
    user.email = "sato@office.example.jp"
    user.save()
    return user.email


@pytest.mark.parametrize(
    ("event", "kind", "subject"),
    [
        ("recording.started", "recording", "【ハローワーク豊岡】Zoomの録画が始まりました"),
        ("recording.stopped", "recording", "【ハローワーク豊岡】Zoomの録画が始まりました"),
        ("meeting.ai_companion_started", "ai_summary", "【ハローワーク豊岡】ZoomのAIの機能が動いています"),
        ("meeting.summary_completed", "ai_summary", "【ハローワーク豊岡】ZoomのAIの機能が動いています"),
    ],
)
def test_recording_and_ai_raise_an_alarm_and_a_mail_at_once(
    ready: Booking, mailbox_of_sato: str, event: str, kind: str, subject: str
) -> None:
    """C12-2."""
    tell(event, SESSION + MINUTE)
    (alarm,) = SessionAlarm.objects.all()
    assert (alarm.booking, alarm.kind, alarm.at, alarm.seen_at) == (ready, kind, SESSION + MINUTE, None)
    assert alarm_mails() == [(mailbox_of_sato, subject)]


def test_mail_names_neither_the_person_nor_the_meeting(ready: Booking, mailbox_of_sato: str) -> None:
    tell("recording.started", SESSION)
    (mail,) = OutgoingMail.objects.filter(key__startswith="session-alarm:")
    meeting = Meeting.objects.get(booking=ready)
    secrets = (str(NUMBER), meeting.grouped_id, meeting.passcode, meeting.join_url, "花子")
    assert [word for word in secrets if word in mail.body] == []
    assert [line for line in mail.body.splitlines() if ready.number in line] == [f"受付番号：{ready.number}"]


def test_one_recording_is_one_alarm_however_often_it_is_told(ready: Booking, mailbox_of_sato: str) -> None:
    for minute, event in enumerate(["recording.started", "recording.paused", "recording.resumed", "recording.stopped"]):
        tell(event, SESSION + minute * MINUTE)
    assert (SessionAlarm.objects.count(), len(alarm_mails())) == (1, 1)


def test_recording_that_begins_again_is_loud_again(ready: Booking, office: Office, mailbox_of_sato: str) -> None:
    tell("recording.started", SESSION)
    alarm = SessionAlarm.objects.get()
    alarms.see_to(alarm.pk, by=office.staff, now=SESSION + 2 * MINUTE)
    tell("recording.stopped", SESSION + 3 * MINUTE)
    tell("recording.started", SESSION + MINUTE, told_at=SESSION + 4 * MINUTE)  # late: it began before somebody saw to it
    alarm.refresh_from_db()
    assert (alarm.seen_by, len(alarm_mails())) == (office.staff, 1)
    tell("recording.started", SESSION + 5 * MINUTE)
    alarm.refresh_from_db()
    assert (alarm.seen_at, alarm.seen_by, alarm.at, len(alarm_mails())) == (None, None, SESSION + 5 * MINUTE, 2)


def test_every_run_of_a_meeting_has_its_own_alarm(ready: Booking) -> None:
    for uuid in ("first==", "second=="):
        tell("recording.started", SESSION, uuid=uuid)
    assert SessionAlarm.objects.count() == 2


def test_alarm_comes_after_the_session_too(ready: Booking) -> None:
    tell("meeting.summary_completed", SESSION + timedelta(hours=2))
    assert SessionAlarm.objects.count() == 1


def test_seeing_to_an_alarm_is_one_line_of_the_audit(ready: Booking, office: Office) -> None:
    tell("recording.started", SESSION)
    alarm = SessionAlarm.objects.get()
    presses = [alarms.see_to(alarm.pk, by=user, now=SESSION + MINUTE) for user in (office.staff, office.tanaka.user)]
    alarm.refresh_from_db()
    assert (presses, alarm.seen_by, alarm.seen_at) == ([True, False], office.staff, SESSION + MINUTE)
    last = AuditEntry.objects.order_by("-pk")[0]
    assert (last.what, last.subject, last.by) == ("警告を確認した（録画が始まりました）", ready.number, office.staff)


# --- claim, act, settle -----------------------------------------------------------------------------------------------------


def test_second_worker_finds_nothing_to_do(ready: Booking) -> None:
    notice = tell("recording.started", SESSION)
    notices.handle_notice(notice.pk, now=SESSION, wall=SESSION)
    notice.refresh_from_db()
    assert (notice.attempts, SessionAlarm.objects.count()) == (1, 1)


def test_worker_killed_after_its_claim_is_followed_by_another(ready: Booking) -> None:
    post(message("meeting.participant_joined", SESSION, person=GUEST), SESSION)
    notice = ZoomNotice.objects.get()
    ZoomNotice.objects.claim(notice.pk, lease=notices.LEASE, wall=SESSION)  # … and here it is killed
    notices.sweep_notices(now=SESSION, wall=SESSION + notices.LEASE - timedelta(seconds=1))
    assert joined(ready) == [None]
    notices.sweep_notices(now=SESSION + MINUTE, wall=SESSION + notices.LEASE)
    assert [each is not None for each in joined(ready)] == [True]


def test_trouble_is_tried_again_and_then_given_up_visibly(ready: Booking, mailbox_of_sato: str) -> None:
    """A moment that no Japanese calendar has lets the mail fail each time: the alarm is taken back with it."""
    post(message("recording.started", SESSION), SESSION)
    ZoomNotice.objects.update(happened_at=datetime.max.replace(tzinfo=UTC) - timedelta(hours=2))
    notice = ZoomNotice.objects.get()
    notices.handle_notice(notice.pk, now=SESSION, wall=SESSION)
    notice.refresh_from_db()
    assert (notice.outbox_state, notice.last_error, notice.next_try_at > SESSION) == (OutboxState.WANTED, "OverflowError", True)
    ZoomNotice.objects.update(attempts=MAX_ATTEMPTS - 1)
    notices.handle_notice(notice.pk, now=SESSION, wall=SESSION + timedelta(hours=1))
    notice.refresh_from_db()
    assert (notice.outbox_state, SessionAlarm.objects.count()) == (OutboxState.FAILED, 0)


def test_notices_are_forgotten_once_they_have_served_their_time(ready: Booking) -> None:
    tell("meeting.ended", SESSION)
    post(message("meeting.started", SESSION), SESSION)  # nobody has acted upon it yet
    notices.forget(wall=SESSION + notices.KEPT_FOR)
    assert ZoomNotice.objects.count() == 2
    notices.forget(wall=SESSION + notices.KEPT_FOR + timedelta(seconds=1))
    assert list(ZoomNotice.objects.values_list("event", flat=True)) == ["meeting.started"]


def test_meeting_that_was_taken_away_is_still_known(ready: Booking) -> None:
    Meeting.objects.update(removed_at=SESSION + 30 * MINUTE, join_url="", passcode="")
    tell("meeting.participant_joined", SESSION + MINUTE, told_at=SESSION + 60 * MINUTE, person=GUEST)
    assert joined(ready) == [SESSION + MINUTE]
