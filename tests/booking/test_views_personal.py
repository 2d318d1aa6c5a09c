"""The booking's page behind its link: what it shows, to whom, and until when; withdrawal, answer and notice."""

import re
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.links import token_of
from booking.models import Booking, ContactRecord
from booking.models.bookings import State
from booking.operations import bookings, no_contact
from tests.cast import MORNING, SESSION, THURSDAY, Office, at
from tests.visitor import Visitor, at_time, text_of

FRIDAY = date(2027, 4, 9)
TIMES = [at(FRIDAY, 10), at(FRIDAY, 11)]


def page_of(booking: Booking, below: str = "") -> str:
    return f"/b/{token_of(booking)}/{below}"


@pytest.fixture
def proposed(office: Office, requested: Booking) -> Booking:
    """Two times on Friday, held for the person's answer."""
    return bookings.propose(requested.pk, TIMES, eligibility="registered", by=office.staff, now=MORNING, wall=MORNING)


def test_link_alone_shows_state_and_time_and_nothing_personal(confirmed: Booking) -> None:
    page = Visitor().get(page_of(confirmed)).content.decode()
    assert "予約確定" in page
    assert "2027年4月8日（木）10:00～10:30" in page
    told = [word for word in ("豊岡 花子", "5678", "28090", confirmed.number, "hanako") if word in page]
    assert told == []


def test_page_is_neither_stored_nor_told_to_others(confirmed: Booking) -> None:
    headers = Visitor().get(page_of(confirmed)).headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("spoil", ["{}x", "x{}", "x", "1-1", "1-1.{}"])
def test_link_that_was_never_given_out_is_not_found(confirmed: Booking, spoil: str) -> None:
    answer = Visitor().get(f"/b/{spoil.format(token_of(confirmed))}/")
    assert answer.status_code == 404
    assert "お探しのページが見つかりません" in text_of(answer)


def test_revoked_link_is_not_found(confirmed: Booking) -> None:
    address = page_of(confirmed)
    Booking.objects.update(link_generation=2)
    assert Visitor().get(address).status_code == 404


@pytest.mark.parametrize(("second", "status"), [(-1, 200), (0, 410)])
def test_link_ends_with_the_day_of_the_session(confirmed: Booking, second: int, status: int) -> None:
    midnight = at(THURSDAY, 0) + timedelta(days=1, seconds=second)
    assert Visitor(midnight).get(page_of(confirmed)).status_code == status


@pytest.mark.parametrize(("second", "status"), [(-1, 200), (0, 410)])
def test_link_of_proposals_ends_with_the_last_ones_day(proposed: Booking, second: int, status: int) -> None:
    midnight = at(FRIDAY, 0) + timedelta(days=1, seconds=second)
    assert Visitor(midnight).get(page_of(proposed)).status_code == status


def test_requested_shows_the_promise_and_later_the_phone(requested: Booking) -> None:
    assert "2027年4月7日（水）17:15までに、メールでご連絡します" in text_of(Visitor().get(page_of(requested)))
    late = text_of(Visitor(requested.answer_by).get(page_of(requested)))
    assert "お返事の期限を過ぎています。お手数ですが、お電話ください。" in late


def test_proposed_after_the_limit_asks_for_the_answer_and_apologises_for_nothing(proposed: Booking) -> None:
    late = text_of(Visitor(proposed.answer_by).get(page_of(proposed)))
    assert "お返事の期限を過ぎています。お早めにお返事いただくか、お電話ください。" in late
    assert "ご連絡が遅れており" not in late


def test_withdrawal_asks_once_more_and_is_no_cancellation(requested: Booking) -> None:
    visitor = Visitor()
    assert "取り下げますか" in text_of(visitor.get(page_of(requested, "withdraw/")))
    requested.refresh_from_db()
    assert requested.state == State.REQUESTED
    assert visitor.post(page_of(requested, "withdraw/")).url == page_of(requested)
    requested.refresh_from_db()
    assert requested.state == State.WITHDRAWN
    assert "お申込みを取り下げました。" in text_of(visitor.get(page_of(requested)))


def test_withdrawal_after_the_confirmation_is_refused_kindly(confirmed: Booking) -> None:
    """C6-1-4a: a confirmed booking is cancelled by phone."""
    visitor = Visitor()
    answer = visitor.post(page_of(confirmed, "withdraw/"))
    assert "ご予約の状態が変わっています" in text_of(visitor.get(answer.url))
    confirmed.refresh_from_db()
    assert confirmed.state == State.CONFIRMED


def test_proposed_time_is_accepted(proposed: Booking) -> None:
    """C6-1-3, A13."""
    visitor = Visitor()
    page = visitor.get(page_of(proposed)).content.decode()
    assert re.findall(r'name="choice" value="([^"]+)"', page) == [*(start.isoformat() for start in TIMES), "none"]
    visitor.post(page_of(proposed, "answer/"), {"choice": TIMES[1].isoformat()})
    proposed.refresh_from_db()
    assert (proposed.state, proposed.starts_at) == (State.CONFIRMED, TIMES[1])


def test_proposals_that_do_not_fit_reopen_the_request(proposed: Booking) -> None:
    visitor = Visitor()
    visitor.post(page_of(proposed, "answer/"), {"choice": "none"})
    proposed.refresh_from_db()
    assert proposed.state == State.REQUESTED
    assert proposed.holds.count() == 0
    assert "あらためて日程を調整します" in text_of(visitor.get(page_of(proposed)))


@pytest.mark.parametrize("choice", ["", SESSION.isoformat(), "nonsense"])
def test_answer_that_was_not_proposed_changes_nothing(proposed: Booking, choice: str) -> None:
    answer = Visitor().post(page_of(proposed, "answer/"), {"choice": choice})
    assert list(answer.context["form"].errors) == ["choice"]
    proposed.refresh_from_db()
    assert proposed.state == State.PROPOSED


def test_proposed_time_whose_day_has_begun_is_not_offered(proposed: Booking) -> None:
    """C6-1-1b: only what is confirmed by the end of the day before counts."""
    page = Visitor(at(FRIDAY, 0)).get(page_of(proposed)).content.decode()
    assert re.findall(r'name="choice" value="([^"]+)"', page) == ["none"]


def test_answer_to_a_booking_that_moved_on_shows_where_it_stands(confirmed: Booking) -> None:
    visitor = Visitor()
    answer = visitor.post(page_of(confirmed, "answer/"), {"choice": "none"})
    assert "ご予約の状態が変わっています" in text_of(visitor.get(answer.url))


def test_confirmed_page_says_what_the_terms_ask(confirmed: Booking) -> None:
    """C1-1, C3-1, C6-1-4a, C12-2, C12-3a, C12-4."""
    visitor = Visitor()
    page = visitor.get(page_of(confirmed))
    words = text_of(page)
    wanted = [
        "カメラ・マイク・通信の状態を確認",
        "周りに人がいない場所",
        "録画・録音は、方法を問わずできません",
        "相談は無料です",
        "お電話でご連絡ください",
        "電話リレーサービス",
        "窓口・お電話でもご相談いただけます",
    ]
    assert [word for word in wanted if word not in words] == []
    assert 'href="tel:' in page.content.decode()
    assert page_of(confirmed, "contact/") in page.content.decode()


@pytest.mark.parametrize("meaning", ["cannot_come", "late", "unclear"])
def test_notice_of_who_cannot_phone_counts_as_contact(confirmed: Booking, meaning: str) -> None:
    """A6: it is recorded and is a task for staff; it changes no state by itself."""
    visitor = Visitor(SESSION)
    visitor.post(page_of(confirmed, "contact/"), {"meaning": meaning, "note": " 電車が止まりました。 "})
    record = ContactRecord.objects.get()
    assert (record.channel, record.meaning, record.note, record.at, record.recorded_by) == (
        "online",
        meaning,
        "電車が止まりました。",
        SESSION,
        None,
    )
    confirmed.refresh_from_db()
    assert confirmed.state == State.CONFIRMED
    assert "ご連絡を受け付けています" in text_of(visitor.get(page_of(confirmed)))


def test_notice_is_shown_in_the_words_in_which_it_was_given(confirmed: Booking) -> None:
    visitor = Visitor(SESSION)
    visitor.post(page_of(confirmed, "contact/"), {"meaning": "unclear"})
    words = text_of(visitor.get(page_of(confirmed)))
    assert ("4月8日（木）10:00そのほかのご連絡" in words, "不明" in words) == (True, False)


def test_notice_without_a_meaning_keeps_the_note(confirmed: Booking) -> None:
    answer = Visitor().post(page_of(confirmed, "contact/"), {"note": "電車が止まりました。"})
    assert list(answer.context["form"].errors) == ["meaning"]
    assert "電車が止まりました。" in answer.content.decode()
    assert ContactRecord.objects.count() == 0


def test_notice_after_the_end_is_not_taken(confirmed: Booking) -> None:
    Visitor(confirmed.ends_at).post(page_of(confirmed, "contact/"), {"meaning": "late"})
    assert ContactRecord.objects.count() == 0


@pytest.mark.parametrize(
    ("minute", "told"),
    [
        (-11, "開始時刻の10分前（2027年4月8日（木）9:50）になると、このページから入室できます"),
        (-10, "登録の電話番号の下4けた"),
        (0, "開始時刻を過ぎています10時10分までに入室するか、お電話ください"),
        (9, "開始時刻を過ぎています10時10分までに入室するか、お電話ください"),
        (10, "お手数ですが、すぐにお電話ください"),
        (30, "相談の時間は終了しました"),
    ],
)
def test_way_in_at_each_moment(confirmed: Booking, minute: int, told: str) -> None:
    """C6-1-4b, said kindly and in time."""
    assert told in text_of(Visitor(SESSION + timedelta(minutes=minute)).get(page_of(confirmed)))


def test_person_who_joined_is_not_hurried(confirmed: Booking) -> None:
    confirmed.participants.update(first_joined_at=SESSION)
    assert "開始時刻を過ぎています" not in text_of(Visitor(SESSION + timedelta(minutes=5)).get(page_of(confirmed)))


def test_cancelled_without_contact_says_what_to_do(confirmed: Booking, office: Office) -> None:
    later = SESSION + timedelta(minutes=20)
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=later, wall=later)
    assert "行き違いの場合は、お手数ですがお電話ください" in text_of(Visitor(later).get(page_of(confirmed)))


@pytest.mark.parametrize("state", [state for state in State if state not in ("requested", "proposed", "confirmed")])
def test_every_ended_state_has_a_next_step(confirmed: Booking, state: str) -> None:
    Booking.objects.update(state=state)
    page = Visitor().get(page_of(confirmed))
    assert str(State(state).label) in page.content.decode()
    assert "空き状況を見る" in text_of(page)


@pytest.mark.parametrize(("fixture", "queries"), [("requested", 9), ("proposed", 9), ("confirmed", 11)])
def test_personal_page_costs_the_same_queries(
    request: pytest.FixtureRequest, fixture: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = request.getfixturevalue(fixture)
    with at_time(MORNING), django_assert_num_queries(queries):
        Visitor().client.get(page_of(booking))
