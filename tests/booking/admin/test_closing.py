"""日締め: what is missing, one press for the usual end, the day closed once and by name (A7, C6-1-4c)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import Booking, DayClosing
from booking.operations import no_contact, sessions
from tests.booking.admin.conftest import Desk, DeskOf
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_person
from tests.pages import submit
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.django_db
CLOSING = "/admin/booking/booking/closing/"
FOUR = at(THURSDAY, 16)
QUARTER_PAST = SESSION + timedelta(minutes=15)
FRIDAY = date(2027, 4, 9)


@pytest.fixture
def evening(desk_of: DeskOf, office: Office) -> Desk:
    """佐藤's desk when the last session of Thursday is over."""
    return desk_of(office.staff, FOUR)


def test_session_without_an_end_is_named_and_the_day_stays_open(evening: Desk, confirmed: Booking) -> None:
    page = text_of(evening.get(CLOSING))
    assert "結果の記録がない予約が1件あるため、まだ締められません。" in page
    assert "結果の記録がありません：要確認" in page
    assert "結果の記録がない予約があるため、締められません：10:00豊岡花子" in text_of(evening.post(CLOSING, day="2027-04-08"))
    assert not DayClosing.objects.exists()


def test_usual_end_is_one_press_and_leads_back(evening: Desk, confirmed: Booking) -> None:
    page = evening.get(CLOSING)
    with at_time(FOUR):
        after = submit(evening.client, page, action="act/complete")
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.outcome) == ("completed", "held")
    assert after.redirect_chain == [(f"{CLOSING}?day=2027-04-08", 302)]
    assert "予定どおり実施" in text_of(after)


def test_day_is_closed_once_and_by_name(evening: Desk, desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    evening.press(confirmed, "complete")
    assert "4月8日（木）を締めました。" in text_of(evening.post(CLOSING, day="2027-04-08"))
    assert "すでに佐藤さんが4月8日（木）16:00に締めました。" in text_of(desk_of(office.tanaka.user, FOUR).post(CLOSING, day="2027-04-08"))
    assert (DayClosing.objects.get().closed_by, "この日を締める" in text_of(evening.get(CLOSING))) == (office.staff, False)


def test_day_that_is_not_over_says_from_when(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    desk = desk_of(office.staff, FOUR - timedelta(seconds=1))
    desk.press(confirmed, "complete")
    assert "4月8日（木）16:00を過ぎると、締めることができます。" in text_of(desk.get(CLOSING))
    assert "4月8日（木）16:00を過ぎてから締めることができます。" in text_of(desk.post(CLOSING, day="2027-04-08"))
    assert not DayClosing.objects.exists()


def test_earlier_days_nobody_closed_are_listed(desk_of: DeskOf, office: Office, confirmed: Booking) -> None:
    page = desk_of(office.staff, at(FRIDAY, 9)).get(CLOSING)
    assert "締めていない日（1日）4月8日（木）結果の記録なし1件" in text_of(page).replace(" ", "").replace("\u3000", "")


def test_closed_day_still_offers_the_correction(evening: Desk, confirmed: Booking, office: Office) -> None:
    no_contact.cancel_no_contact(confirmed.pk, by=office.staff, now=QUARTER_PAST, wall=QUARTER_PAST)
    evening.post(CLOSING, day="2027-04-08")
    assert "記録を訂正する" in text_of(evening.get(CLOSING))
    evening.press(confirmed, "correct", target="completed/held", reason="実施していた")
    assert (confirmed.state, confirmed.outcome) == ("completed", "held")


@pytest.mark.parametrize("day", ["2027-02-30", "gestern", "9999-12-31", "0001-01-01"])
def test_day_that_is_none_is_not_found(evening: Desk, day: str) -> None:
    assert [evening.get(CLOSING, day=day).status_code, evening.post(CLOSING, day=day).status_code] == [404, 404]


def test_whoever_only_reads_closes_nothing(desk_of: DeskOf, member: Callable[[str], User], confirmed: Booking, office: Office) -> None:
    sessions.complete(confirmed.pk, by=office.staff, now=QUARTER_PAST, wall=QUARTER_PAST)
    user = User.objects.create_user("reader", password="correct horse battery", is_staff=True)
    desk = desk_of(user, FOUR)
    assert [desk.get(CLOSING).status_code, desk.post(CLOSING, day="2027-04-08").status_code] == [403, 403]
    assert [desk_of(member(role), FOUR).get(CLOSING).status_code for role in ("相談員", "管理者")] == [200, 200]
    assert Client().get(CLOSING).headers["Location"] == f"/admin/login/?next={CLOSING}"


def sessions_at(office: Office, count: int) -> None:
    Booking.objects.bulk_create(
        Booking(
            number=f"many-{place}",
            state="confirmed",
            source="phone",
            applicant=make_person("但馬 太郎", email=f"taro{place}@example.jp"),
            starts_at=SESSION,
            ends_at=SESSION + timedelta(minutes=30),
            counsellor=office.sato,
            host=office.sato.default_host,
            requested_at=MORNING,
            answer_by=MORNING,
            confirm_limit=MORNING,
            confirmed_at=MORNING,
        )
        for place in range(count)
    )


def test_number_of_queries_does_not_grow_with_the_day(evening: Desk, confirmed: Booking, office: Office) -> None:
    evening.get(CLOSING)
    counts = []
    for more in (0, 30):
        sessions_at(office, more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            evening.get(CLOSING)
        counts.append(len(queries))
    assert counts[0] == counts[1]
