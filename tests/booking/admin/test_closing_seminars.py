"""日締め: the day's seminars beside its sessions, and those that nobody has closed with who came (issue 7.7)."""

from datetime import date, timedelta

import pytest

from booking.models import DayClosing, Registration, Seminar
from booking.operations.seminars import giving, people
from booking.queries import seminars_to_close
from tests.booking.admin.conftest import Desk, DeskOf
from tests.booking.admin.crowd import queries_of
from tests.cast import THURSDAY, Office, at
from tests.seminars import STARTS, guest, press, published, register
from tests.visitor import text_of

pytestmark = pytest.mark.django_db
CLOSING = "/admin/booking/booking/closing/"
HOUR = timedelta(hours=1)
OVER = STARTS + HOUR
FOUR = at(THURSDAY, 16)
FRIDAY = date(2027, 4, 9)


@pytest.fixture
def seminar(office: Office) -> Seminar:
    """Over at 15:00, with two who had a seat."""
    row = published(office)
    for number in (1, 2):
        register(row, guest(number))
    return row


@pytest.fixture
def evening(desk_of: DeskOf, office: Office) -> Desk:
    return desk_of(office.staff, FOUR)


def left(now: object = FOUR) -> list[Seminar]:
    return list(seminars_to_close(now=now))


def test_seminar_that_is_over_is_listed_with_what_is_missing(evening: Desk, seminar: Seminar) -> None:
    words = text_of(evening.get(CLOSING))
    said = (
        "この日の催し（1件）",
        seminar.title,
        "席のある方2名（参加0名、未記録2名）",
        "出欠の記録がありません：要確認",
        "出欠を記録",
        "実施済にする",
    )
    assert [part for part in said if part not in words] == []


def test_seminar_that_still_runs_is_shown_and_misses_nothing(desk_of: DeskOf, office: Office, seminar: Seminar) -> None:
    assert [len(left(when)) for when in (OVER - timedelta(seconds=1), OVER)] == [0, 1]
    words = text_of(desk_of(office.staff, OVER - timedelta(minutes=1)).get(CLOSING))
    assert (seminar.title in words, "要確認" in words) == (True, False)


def test_attendance_written_down_leaves_the_closing(evening: Desk, office: Office, seminar: Seminar) -> None:
    came = dict.fromkeys(seminar.registrations.values_list("pk", flat=True), "attended")
    people.write_attendance(seminar.pk, came, by=office.staff, now=OVER)
    assert "実施の記録がありません：要確認" in text_of(evening.get(CLOSING))
    giving.close(seminar.pk, press(office, OVER))
    words = text_of(evening.get(CLOSING))
    assert ("席のある方2名（参加2名、未記録0名）" in words, "要確認" in words, left()) == (True, False, [])


@pytest.mark.parametrize(("written", "missing"), [(False, 1), (True, 0)])
def test_seminar_that_was_ended_early_misses_its_attendance_alone(office: Office, seminar: Seminar, written: bool, missing: int) -> None:
    giving.end_early(seminar.pk, press(office, STARTS + HOUR / 2), reason="停電のため")
    if written:
        Registration.objects.update(attendance="absent")
    assert len(left()) == missing


def test_seminar_that_was_suspended_and_forgotten_is_missing_too(evening: Desk, office: Office, seminar: Seminar) -> None:
    giving.suspend(seminar.pk, press(office, STARTS), reason="停電のため")
    words = text_of(evening.get(CLOSING))
    assert ("要確認" in words, "再開" in words, "途中で終了" in words) == (True, True, True)


def test_cancelled_one_and_a_draft_miss_nothing(office: Office, seminar: Seminar) -> None:
    giving.cancel(seminar.pk, press(office), reason="講師の都合により")
    assert left() == []


def test_those_of_other_days_are_named_for_sixty_days(desk_of: DeskOf, office: Office, seminar: Seminar) -> None:
    words = text_of(desk_of(office.staff, at(FRIDAY, 9)).get(CLOSING))
    assert ("ほかの日の、終わっていて出欠・実施の記録がない催し（1件）" in words, seminar.title in words) == (True, True)
    assert [len(left(STARTS + timedelta(days=days))) for days in (60, 61)] == [1, 0]


def test_day_of_sessions_is_closed_all_the_same(evening: Desk, seminar: Seminar) -> None:
    """What counts against people from then on (C6-1-4c) does not wait for a seminar."""
    evening.post(CLOSING, day="2027-04-08")
    assert (DayClosing.objects.count(), "要確認" in text_of(evening.get(CLOSING))) == (1, True)


def test_attendance_is_written_and_closed_from_here(evening: Desk, seminar: Seminar) -> None:
    page = evening.get(f"/admin/booking/seminar/{seminar.pk}/act/attendance/", next=CLOSING)
    said = {f"came_{pk}": "attended" for pk in seminar.registrations.values_list("pk", flat=True)}
    evening.post(page.redirect_chain[-1][0].partition("?")[0], **said, close="1")
    seminar.refresh_from_db()
    assert (seminar.state, "要確認" in text_of(evening.get(CLOSING))) == ("held", False)


def test_number_of_queries_does_not_grow(evening: Desk, office: Office, seminar: Seminar) -> None:
    known = {field.attname: getattr(seminar, field.attname) for field in Seminar._meta.concrete_fields if not field.primary_key}
    few = queries_of(evening, CLOSING)
    for day in (0, 1):
        for hour in (9, 10, 11):
            starts = at(THURSDAY, hour) - timedelta(days=day)
            span = {"starts_at": starts, "ends_at": starts + HOUR / 2, "opens_at": starts - 2 * HOUR, "closes_at": starts}
            Seminar.objects.create(**{**known, **span, "number": f"{day}-{hour}"})
    assert (queries_of(evening, CLOSING), len(left())) == (few, 7)
