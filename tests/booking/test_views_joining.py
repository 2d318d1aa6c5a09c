"""The way into a session: when, after which proof, and what it leaves behind (A15, C6-1-4b)."""

from datetime import datetime, timedelta

import pytest

from booking.links import token_of
from booking.models import Booking, Meeting, Participant
from booking.operations import bookings
from booking.operations.bookings import Decision
from tests.cast import MORNING, SESSION, Office
from tests.visitor import Visitor, mailed_code, text_of
from toyooka_hw.accounts.models import EmailCode

ROOM = "http://127.0.0.1:9/j/85312345678?pwd=abc"
OPENS = SESSION - timedelta(minutes=10)


@pytest.fixture
def ready(confirmed: Booking) -> Booking:
    """The confirmed booking with its meeting at Zoom."""
    Meeting.objects.filter(booking=confirmed).update(
        meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING + timedelta(hours=1)
    )
    return confirmed


def press(visitor: Visitor, booking: Booking, button: str, **data: str) -> object:
    return visitor.post(f"/b/{token_of(booking)}/{button}/", data)


def joined_at(booking: Booking) -> datetime | None:
    return Participant.objects.get(booking=booking).first_joined_at


def test_join_with_the_last_digits_stamps_and_leads_to_the_meeting(ready: Booking) -> None:
    answer = press(Visitor(OPENS), ready, "join", digits="５６７８")
    assert (answer.status_code, answer.url) == (303, ROOM)
    assert joined_at(ready) == OPENS


def test_join_again_keeps_the_first_stamp(ready: Booking) -> None:
    press(Visitor(OPENS), ready, "join", digits="5678")
    press(Visitor(SESSION), ready, "join", digits="5678")
    assert joined_at(ready) == OPENS


@pytest.mark.parametrize("digits", ["", "567", "1234"])
def test_join_with_other_digits_stamps_nothing(ready: Booking, digits: str) -> None:
    answer = press(Visitor(OPENS), ready, "join", digits=digits)
    assert list(answer.context["form"].errors) == ["digits"]
    assert joined_at(ready) is None


def test_join_after_five_wrong_tries_asks_for_the_mailed_code(ready: Booking) -> None:
    visitor = Visitor(OPENS)
    told = [text_of(press(visitor, ready, "join", digits=digits)) for digits in ["1111"] * 5 + ["5678"]]
    assert ["入力できる回数を超えました" in words for words in told] == [False] * 4 + [True] * 2
    assert 'name="digits"' not in press(visitor, ready, "join", digits="1111").content.decode()
    assert joined_at(ready) is None
    assert "メールで番号を受け取って" in text_of(visitor.get(f"/b/{token_of(ready)}/"))
    press(visitor, ready, "code-mail")
    press(visitor, ready, "code-check", code=mailed_code("hanako@example.jp"))
    assert press(visitor, ready, "join").url == ROOM


@pytest.mark.parametrize(("second", "opens"), [(-601, False), (-600, True), (1799, True), (1800, False)])
def test_join_is_open_from_ten_minutes_before_to_the_end(ready: Booking, second: int, opens: bool) -> None:
    answer = press(Visitor(SESSION + timedelta(seconds=second)), ready, "join", digits="5678")
    assert (answer.status_code == 303) is opens
    assert (joined_at(ready) is not None) is opens


def test_join_too_early_uses_up_no_try(ready: Booking) -> None:
    press(Visitor(OPENS - timedelta(seconds=1)), ready, "join", digits="1111")
    ready.refresh_from_db()
    assert ready.phone_tries == 0


def test_join_before_the_meeting_is_ready_counts_as_presence(confirmed: Booking) -> None:
    """A7: presence beats the timer; the fault is the office's."""
    visitor = Visitor(SESSION)
    answer = press(visitor, confirmed, "join", digits="5678")
    assert "相談の準備に時間がかかっています" in text_of(visitor.get(answer.url))
    assert joined_at(confirmed) == SESSION


def test_join_opened_without_pressing_changes_nothing(ready: Booking) -> None:
    visitor = Visitor(OPENS)
    assert visitor.get(f"/b/{token_of(ready)}/join/").url == f"/b/{token_of(ready)}/"
    assert joined_at(ready) is None


def test_join_in_the_signed_in_browser_asks_no_digits(office: Office) -> None:
    visitor = Visitor()
    visitor.apply()
    booking = Booking.objects.get()
    bookings.confirm(booking.pk, Decision("registered", office.staff), now=MORNING, wall=MORNING)
    Meeting.objects.update(meeting_id=85312345678, join_url=ROOM, passcode="aB3xYz", ready_at=MORNING)
    visitor.now = OPENS
    visitor.choose(SESSION + timedelta(days=1))
    visitor.agree()
    visitor.prove()
    assert 'name="digits"' not in visitor.get(f"/b/{token_of(booking)}/").content.decode()
    assert press(visitor, booking, "join").url == ROOM


def test_codes_are_shown_by_post_only_and_never_stored(ready: Booking) -> None:
    visitor = Visitor(OPENS)
    answer = press(visitor, ready, "codes", digits="5678")
    words = answer.content.decode()
    assert ("853 1234 5678" in words, "aB3xYz" in words, "no-store" in answer.headers["Cache-Control"]) == (True, True, True)
    assert joined_at(ready) == OPENS
    assert visitor.get(f"/b/{token_of(ready)}/codes/").status_code == 302


@pytest.mark.parametrize("minutes", [-11, 30])
def test_codes_outside_the_session_are_not_shown(ready: Booking, minutes: int) -> None:
    visitor = Visitor(SESSION + timedelta(minutes=minutes))
    answer = press(visitor, ready, "codes", digits="5678")
    assert answer.status_code == 302
    assert "aB3xYz" not in visitor.get(answer.url).content.decode()


def test_code_is_not_mailed_where_nobody_has_proven_the_mailbox(ready: Booking) -> None:
    type(ready.applicant).objects.update(email_proven_at=None)
    visitor = Visitor(OPENS)
    answer = press(visitor, ready, "code-mail")
    assert "メールでの確認は、ご利用いただけません" in text_of(visitor.get(answer.url))
    assert press(visitor, ready, "code-check", code="123456").status_code == 302
    assert EmailCode.objects.count() == 0
    assert press(visitor, ready, "join", digits="5678").url == ROOM


def test_mailed_code_that_is_wrong_lets_nobody_in(ready: Booking) -> None:
    visitor = Visitor(OPENS)
    press(visitor, ready, "code-mail")
    wrong = f"{(int(mailed_code('hanako@example.jp')) + 1) % 1_000_000:06d}"
    answer = press(visitor, ready, "code-check", code=wrong)
    assert list(answer.context["code_form"].errors) == ["code"]
    assert list(press(visitor, ready, "join").context["form"].errors) == ["digits"]


@pytest.mark.parametrize(
    ("meeting_id", "shown"), [(85312345678, "853 1234 5678"), (8531234567, "853 123 4567"), (853123456, "853 123 456")]
)
def test_meeting_id_is_grouped_as_zoom_writes_it(meeting_id: int, shown: str) -> None:
    assert Meeting(meeting_id=meeting_id).grouped_id == shown
