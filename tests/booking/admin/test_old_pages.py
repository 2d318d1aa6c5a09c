"""A page that was opened before a colleague changed the booking ends nothing: what was pressed was meant for what it was then."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from booking.models import Booking
from booking.operations import bookings, moving
from booking.operations.moving import Change
from booking.operations.transitions import last_line
from tests.booking.admin.conftest import Desk
from tests.booking.admin.test_inbox import ask
from tests.cast import MORNING, THURSDAY, Office, at
from tests.pages import forms_of
from tests.visitor import text_of
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=2)
FRIDAY_11 = at(THURSDAY + timedelta(days=1), 11)
MONDAY_11 = at(THURSDAY + timedelta(days=4), 11)
DECLINE = "/admin/booking/booking/inbox/decline/"
WORDS = "画面を開いたあとで、田中さんがこの予約を変更しました。"


def opened(desk: Desk, booking: Booking, name: str) -> dict[str, str]:
    """What the page of a button carries, as it was opened."""
    page = desk.get(f"/admin/booking/booking/{booking.pk}/act/{name}/")
    return next(carried for action, carried in forms_of(page) if not action)


def moved(booking: Booking, office: Office) -> None:
    moving.move(booking.pk, FRIDAY_11, Change(office.tanaka.user, "本人の希望"), now=LATER, wall=LATER)


def proposed(booking: Booking, office: Office) -> None:
    bookings.propose(booking.pk, [FRIDAY_11], eligibility="registered", by=office.tanaka.user, now=LATER, wall=LATER)


def proposed_anew(booking: Booking, office: Office) -> None:
    bookings.refuse(booking.pk, now=LATER)
    bookings.propose(booking.pk, [MONDAY_11], eligibility="registered", by=office.tanaka.user, now=LATER, wall=LATER)


@pytest.mark.parametrize(
    ("name", "filled"),
    [
        ("cancel_by_office", {"outcome": "office_closed", "reason": "木曜は停電のため"}),
        ("cancel_by_user", {"outcome": "own_plans", "channel": "phone"}),
        ("contact", {"channel": "phone", "meaning": "cannot_come"}),
    ],
)
def test_session_that_a_colleague_moved_is_not_cancelled_from_the_old_page(
    desk: Desk, office: Office, confirmed: Booking, name: str, filled: dict[str, str]
) -> None:
    carried = opened(desk, confirmed, name)
    moved(confirmed, office)
    mails = OutgoingMail.objects.count()
    desk.now = LATER
    assert WORDS in desk.press(confirmed, name, **{**carried, **filled})
    assert (confirmed.state, confirmed.starts_at, OutgoingMail.objects.count(), confirmed.contacts.count()) == (
        "confirmed",
        FRIDAY_11,
        mails,
        0,
    )


@pytest.mark.parametrize("name", ["decline", "withdraw"])
@pytest.mark.parametrize("happens", [proposed, proposed_anew])
def test_proposal_of_a_colleague_is_not_ended_from_the_old_page(
    desk: Desk, office: Office, requested: Booking, name: str, happens: Callable[[Booking, Office], None]
) -> None:
    if happens is proposed_anew:
        proposed(requested, office)
    carried = opened(desk, requested, name)
    happens(requested, office)
    desk.now = LATER
    assert WORDS in desk.press(requested, name, **{**carried, "reason": "満席"})
    assert requested.state == "proposed"


@pytest.mark.parametrize("name", ["refuse", "release"])
def test_new_proposal_of_a_colleague_is_not_taken_back_from_the_old_page(desk: Desk, office: Office, requested: Booking, name: str) -> None:
    proposed(requested, office)
    carried = opened(desk, requested, name)
    proposed_anew(requested, office)
    desk.now = LATER
    assert WORDS in desk.press(requested, name, **{**carried, "reason": "停電"})
    assert (requested.state, requested.holds.count()) == ("proposed", 1)


def test_page_that_shows_the_present_ends_it(desk: Desk, office: Office, confirmed: Booking) -> None:
    moved(confirmed, office)
    desk.now = LATER
    desk.press(confirmed, "cancel_by_office", **{**opened(desk, confirmed, "cancel_by_office"), "reason": "停電"})
    assert confirmed.state == "cancelled_by_office"


def test_request_that_a_colleague_answered_is_left_out_of_the_declined_ones(desk: Desk, office: Office, requested: Booking) -> None:
    other = ask(office, "城崎 一", "hajime@example.jp", at(THURSDAY, 11))
    picks = [requested.pk, other.pk]
    page = desk.post(DECLINE, pick=picks, reason="満席のため")
    seen = [f"{pk}.{last_line(pk)}" for pk in picks]
    assert [value in page.content.decode() for value in seen] == [True, True]
    proposed(requested, office)
    desk.now = LATER
    words = text_of(desk.post(DECLINE, pick=picks, reason="満席のため", sure="1", seen=seen))
    assert ("お断りした申込み（1件）" in words, "お断りしなかった申込み（1件）" in words) == (True, True)
    assert [Booking.objects.get(pk=pk).state for pk in picks] == ["proposed", "declined"]
