"""The week: counsellors beside days, in numbers, each leading to its day (issue 4.1)."""

from datetime import date, timedelta

import pytest

from booking.models import Booking
from booking.operations import calendar, sessions
from booking.queries.day import Tally, week_of, week_sheet
from tests.booking.admin.conftest import Desk
from tests.cast import MORNING, THURSDAY, TUESDAY, Office
from tests.visitor import text_of

pytestmark = pytest.mark.django_db
WEEK = "/admin/booking/booking/week/"


def test_week_begins_on_monday_and_shows_the_weekdays(office: Office) -> None:
    week = week_sheet(TUESDAY, now=MORNING)
    assert [day.date for day in week.days] == [date(2027, 4, 5) + timedelta(days=n) for n in range(5)]
    assert week_of(date(2027, 4, 11)) == (date(2027, 4, 5), date(2027, 4, 11))


def test_saturday_that_is_opened_as_an_exception_joins_the_week(office: Office) -> None:
    calendar.open_day(date(2027, 4, 10), label="土曜開庁", by=office.staff, now=MORNING)
    assert week_sheet(TUESDAY, now=MORNING).days[-1].date == date(2027, 4, 10)


def test_numbers_of_a_day(office: Office, confirmed: Booking) -> None:
    tallies = week_sheet(TUESDAY, now=MORNING).tallies
    assert tallies[office.sato.pk, THURSDAY] == Tally(settled=1, tentative=0, seminars=0, free=9)
    assert tallies[office.tanaka.pk, THURSDAY] == Tally(settled=0, tentative=0, seminars=0, free=10)
    assert tallies[office.sato.pk, date(2027, 4, 5)] == Tally(settled=0, tentative=0, seminars=0, free=0)


def test_request_counts_as_tentative(office: Office, requested: Booking) -> None:
    assert week_sheet(TUESDAY, now=MORNING).tallies[office.sato.pk, THURSDAY] == Tally(settled=0, tentative=1, seminars=0, free=9)


def test_cancelled_session_counts_no_more(office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_user(confirmed.pk, by=office.staff, now=MORNING + timedelta(hours=2), wall=MORNING)
    assert week_sheet(TUESDAY, now=MORNING).tallies[office.sato.pk, THURSDAY] == Tally(settled=0, tentative=0, seminars=0, free=10)


def test_page_leads_to_each_day_and_to_the_weeks_around(desk: Desk, confirmed: Booking) -> None:
    page = desk.get(WEEK).content.decode()
    wanted = ["/today/?day=2027-04-08", '"?day=2027-03-29" rel="prev"', '"?day=2027-04-12" rel="next"']
    assert [words in page for words in wanted] == [True] * 3


def test_closed_day_is_named(desk: Desk) -> None:
    assert "閉庁昭和の日" in text_of(desk.get(WEEK, day="2027-04-27"))


def test_page_shows_what_people_wrote_days_before(desk: Desk, confirmed: Booking) -> None:
    """A6: the online notice is a task for staff, days before the session too."""
    sessions.record_contact(confirmed.pk, channel="online", meaning="cannot_come", now=MORNING + timedelta(hours=2), wall=MORNING)
    words = text_of(desk.get(WEEK))
    assert ["この週の確定した予約（1件）" in words, "オンラインの連絡フォーム：参加できない" in words] == [True, True]
