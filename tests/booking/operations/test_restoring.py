"""What the portal does with itself after a restore, row by row (decision 41)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from booking.models import Booking, Meeting
from booking.operations.restoring import Restored, come_back
from tests.cast import MORNING, SESSION, Office, make_meeting_ready
from toyooka_hw.accounts.models import EmailCode
from toyooka_hw.accounts.operations import send_code
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import try_again

pytestmark = pytest.mark.django_db
HOUR_BEFORE = SESSION - timedelta(minutes=45)


def sent() -> None:
    OutgoingMail.objects.update(outbox_state="done", delivered_at=MORNING)


def states(**which: object) -> list[tuple[str, str]]:
    return list(OutgoingMail.objects.filter(**which).order_by("pk").values_list("key", "outbox_state"))


def test_unfinished_mails_wait_for_staff_and_may_be_sent_after_all(confirmed: Booking, office: Office) -> None:
    OutgoingMail.objects.filter(pk=OutgoingMail.objects.latest("pk").pk).update(
        outbox_state="claimed", claim="0d7b8b1e-0000-4000-8000-000000000000", leased_until=MORNING
    )
    come_back(stopped_at=MORNING + timedelta(hours=2), wall=MORNING)
    assert {state for _key, state in states()} == {"failed"}
    latest = OutgoingMail.objects.latest("pk")
    assert (latest.claim, latest.last_error) == (None, "復元の前に送られた可能性があります")
    assert try_again(latest.pk, by=office.staff, now=MORNING, wall=MORNING)


def test_what_was_sent_stays_sent(confirmed: Booking) -> None:
    sent()
    assert come_back(stopped_at=MORNING + timedelta(hours=2), wall=MORNING).mails == 0
    assert {state for _key, state in states()} == {"done"}


def test_reminders_that_fell_due_before_the_end_are_not_sent_by_themselves(confirmed: Booking) -> None:
    """Two had fallen due by then: they went out, or nobody knows. The next is none of them."""
    sent()
    come_back(stopped_at=HOUR_BEFORE, wall=MORNING)
    assert {state for _key, state in states(key__startswith="remind")} == {"failed"}


def test_reminders_that_fall_due_later_are_sent(confirmed: Booking) -> None:
    sent()
    come_back(stopped_at=MORNING + timedelta(hours=3), wall=MORNING)
    assert states(key__startswith="remind") == []


def test_request_that_expired_meanwhile_expires_silently(requested: Booking) -> None:
    sent()
    come_back(stopped_at=SESSION, wall=MORNING)
    requested.refresh_from_db()
    assert (requested.state, OutgoingMail.objects.latest("pk").outbox_state) == ("expired", "failed")


def test_meetings_are_not_believed_unseen(confirmed: Booking) -> None:
    make_meeting_ready(confirmed)
    Meeting.objects.update(outbox_state="done")
    assert come_back(stopped_at=MORNING, wall=MORNING) == Restored(mails=OutgoingMail.objects.count(), meetings=1)
    meeting = Meeting.objects.get()
    assert (meeting.outbox_state, meeting.in_doubt, meeting.meeting_id) == ("wanted", True, 98765432101)


def test_meetings_of_sessions_that_are_over_and_links_made_by_hand_are_left_alone(confirmed: Booking, office: Office) -> None:
    Meeting.objects.update(outbox_state="done")
    assert come_back(stopped_at=SESSION + timedelta(days=1), wall=MORNING).meetings == 0
    Meeting.objects.update(manual_at=MORNING, manual_by=office.staff)
    assert come_back(stopped_at=MORNING, wall=MORNING).meetings == 0


def test_codes_are_void_and_everybody_signs_in_anew(office: Office) -> None:
    Session.objects.create(session_key="somebodys", session_data="", expire_date=SESSION)
    send_code("hanako@example.jp", client="127.0.0.1", now=MORNING, wall=MORNING)
    come_back(stopped_at=MORNING, wall=MORNING)
    assert (Session.objects.count(), EmailCode.objects.count()) == (0, 0)
    code = OutgoingMail.objects.get()
    assert (code.outbox_state, code.dropped, code.secrets) == ("done", "復元の前の認証コード", [])
    assert "送信後に消去しました" in code.body
