"""Declining several requests at once: looked at before, done one by one, told by whom somebody else was faster (C6-1-3)."""

import pytest

from booking.models import Booking, Hold
from booking.operations import bookings
from booking.operations.bookings import Decision
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.test_inbox import ask
from tests.cast import MORNING, THURSDAY, Office, at
from tests.visitor import text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
DECLINE = "/admin/booking/booking/inbox/decline/"
USUAL = "ご希望の日時に対応できる担当者がおりませんでした。"


@pytest.fixture
def two(office: Office, requested: Booking) -> list[Booking]:
    """Two requests, the second of somebody without a mailbox."""
    silent = ask(office, "城崎 一", "hajime@example.jp", at(THURSDAY, 11))
    Person.objects.filter(pk=silent.applicant_id).update(email="")
    return [requested, silent]


def picks(rows: list[Booking]) -> list[int]:
    return [row.pk for row in rows]


def states(rows: list[Booking]) -> list[str]:
    return [Booking.objects.get(pk=row.pk).state for row in rows]


def declined_mails() -> int:
    return OutgoingMail.objects.filter(body__contains=USUAL).count()


def test_chosen_requests_are_looked_at_before_anything_is_done(desk: Desk, two: list[Booking]) -> None:
    first = text_of(desk.get(DECLINE, pick=picks(two)))
    assert ("お断りする申込み2件" in first, "お電話が必要です" in first) == (True, True)
    second = text_of(desk.post(DECLINE, pick=picks(two), canned=USUAL, reason="来週をご検討ください。"))
    assert ("2件をお断りする" not in first, f"理由：{USUAL}来週をご検討ください。" in second, "豊岡花子様" in second) == (True, True, True)
    assert (states(two), declined_mails()) == (["requested", "requested"], 0)


def test_without_a_reason_nothing_goes_on(desk: Desk, two: list[Booking]) -> None:
    assert "理由を入力してください。" in text_of(desk.post(DECLINE, pick=picks(two), sure="1"))
    assert states(two) == ["requested", "requested"]


def test_sure_declines_each_and_says_whom_to_phone(desk: Desk, two: list[Booking]) -> None:
    answer = desk.post(DECLINE, pick=picks(two), reason=USUAL, sure="1")
    words = text_of(answer)
    assert (states(two), Hold.objects.count(), declined_mails()) == (["declined", "declined"], 0, 1)
    assert ("お断りした申込み（2件）" in words, "お電話でお知らせする方（1件）" in words, "お断りしなかった" in words) == (
        True,
        True,
        False,
    )
    assert answer.redirect_chain[0][0].startswith("/admin/booking/booking/inbox/declined/?pick=")


def test_second_press_declines_nobody_twice(desk: Desk, two: list[Booking]) -> None:
    for _press in range(2):
        words = text_of(desk.post(DECLINE, pick=picks(two), reason=USUAL, sure="1"))
    assert (states(two), declined_mails(), [row.events.filter(event="decline").count() for row in two]) == (
        ["declined", "declined"],
        1,
        [1, 1],
    )
    assert "お断りできる申込みが選ばれていません。" in words


def test_one_that_a_colleague_confirmed_meanwhile_is_named_with_who_did_it(desk: Desk, office: Office, two: list[Booking]) -> None:
    """The preview was looked at before; the colleague's confirmation stands."""
    bookings.confirm(two[0].pk, Decision("registered", office.tanaka.user), now=MORNING, wall=MORNING)
    words = text_of(desk.post(DECLINE, pick=picks(two), reason=USUAL, sure="1"))
    assert states(two) == ["confirmed", "declined"]
    assert ("お断りした申込み（1件）" in words, "お断りしなかった申込み（1件）" in words) == (True, True)
    assert "すでに田中さんが「予約確定」にしました。" in words


def test_one_that_a_colleague_declined_is_not_claimed(desk: Desk, desk_of: DeskOf, office: Office, two: list[Booking]) -> None:
    desk_of(office.tanaka.user).post(DECLINE, pick=picks(two[:1]), reason=USUAL, sure="1")
    words = text_of(desk.post(DECLINE, pick=picks(two), reason=USUAL, sure="1"))
    assert ("お断りした申込み（1件）" in words, "すでに田中さんが「お受けできませんでした」にしました。" in words) == (True, True)


def test_result_is_read_and_loading_it_again_changes_nothing(desk: Desk, two: list[Booking]) -> None:
    desk.post(DECLINE, pick=picks(two[:1]), reason=USUAL, sure="1")
    for _time in range(2):
        words = text_of(desk.get("/admin/booking/booking/inbox/declined/", pick=picks(two)))
        assert ("お断りした申込み（1件）" in words, "お断りしなかった申込み（1件）" in words) == (True, True)
    assert states(two) == ["declined", "requested"]


@pytest.mark.parametrize("pick", ["", "x", "²", "99999999", "9" * 40])
def test_nobody_chosen_is_told_kindly(desk: Desk, requested: Booking, pick: str) -> None:
    assert "お断りできる申込みが選ばれていません。" in text_of(desk.get(DECLINE, pick=pick))
    assert "お断りできる申込みが選ばれていません。" in text_of(desk.post(DECLINE, pick=pick, reason=USUAL, sure="1"))
