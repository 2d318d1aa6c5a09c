"""The mail to staff on the afternoon before: once, on open days only, until the day is over (issue point 7)."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from booking.models import Booking, Closure
from booking.operations.calendar import set_policy
from booking.operations.readiness import tell_staff
from tests.cast import MORNING, SESSION, THURSDAY, Office, at
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
WEDNESDAY = THURSDAY - timedelta(days=1)
DUE = at(WEDNESDAY, 15, 30)


@pytest.fixture
def staffed(office: Office, confirmed: Booking) -> Booking:
    """A session of 佐藤's on Thursday; everybody has an address; a manager."""
    ensure_roles()
    manager = User.objects.create_user("kanri", email="kanri@office.example.jp", is_staff=True)
    manager.groups.add(Group.objects.get(name="管理者"))
    for counsellor in (office.sato, office.tanaka):
        User.objects.filter(pk=counsellor.user_id).update(email=f"{counsellor.user.username}@office.example.jp")
    return confirmed


def told(now: datetime) -> int:
    return tell_staff(now=now, wall=now)


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(key__startswith="readiness:").order_by("to"))


@pytest.mark.parametrize(
    ("now", "count"),
    [
        (DUE - timedelta(seconds=1), 0),
        (DUE, 2),
        (at(WEDNESDAY, 23, 59, 59), 2),  # beat stood still until the evening
        (at(THURSDAY, 0), 0),  # the day itself: too late
    ],
)
def test_mail_goes_out_from_its_time_to_the_end_of_the_day(staffed: Booking, now: datetime, count: int) -> None:
    assert (told(now), len(mails())) == (count, count)


def test_mail_goes_to_whose_sessions_they_are_and_to_managers(staffed: Booking) -> None:
    told(DUE)
    assert [mail.to for mail in mails()] == ["kanri@office.example.jp", "sato@office.example.jp"]


def test_mail_names_numbers_and_times_but_no_person(staffed: Booking) -> None:
    told(DUE)
    mail = mails()[0]
    assert mail.subject == "【ハローワーク豊岡】4月8日（木）の準備：予約1件（要確認1件・未回答0件）"
    expected = (staffed.number, "10:00", "Zoomミーティングを準備しています", "/admin/booking/booking/tomorrow/?day=2027-04-08")
    assert [part for part in expected if part not in mail.body] == []
    assert [part for part in ("豊岡 花子", "花子", "28090", "hanako", "090") if part in mail.body] == []


def test_every_line_of_the_mail_fits_a_narrow_screen(staffed: Booking) -> None:
    told(DUE)
    assert [line for line in mails()[0].body.splitlines() if len(line) > 35 and "http" not in line] == []


def test_second_look_writes_nothing(staffed: Booking) -> None:
    assert [told(DUE), told(DUE + timedelta(minutes=1)), len(mails())] == [2, 0, 2]


def test_friday_looks_at_monday_and_closed_days_write_nothing(staffed: Booking) -> None:
    friday = date(2027, 4, 9)
    monday = at(date(2027, 4, 12), 10)
    Booking.objects.update(starts_at=monday, ends_at=monday + timedelta(minutes=30))
    days = [friday + timedelta(days=n) for n in (1, 2, 0)]
    assert [told(at(day, 16)) for day in days] == [0, 0, 2]
    assert "4月12日（月）の準備" in mails()[0].subject


def test_day_closed_by_the_office_writes_nothing(staffed: Booking) -> None:
    Closure.objects.create(date=WEDNESDAY, label="設備点検")
    assert told(DUE) == 0


def test_policy_moves_the_time(office: Office, staffed: Booking) -> None:
    set_policy("readiness_mail_at", "16:00", by=office.staff, reason="試験", now=MORNING)
    assert [told(at(WEDNESDAY, 15, 59)), told(at(WEDNESDAY, 16))] == [0, 2]


def test_request_without_an_answer_is_named(office: Office, requested: Booking) -> None:
    User.objects.create_user("kanri", email="kanri@office.example.jp", is_staff=True)
    ensure_roles()
    User.objects.get(username="kanri").groups.add(Group.objects.get(name="管理者"))
    told(DUE)
    assert f"受付番号 {requested.number}\n回答の期限 4月7日（水）17:15" in mails()[0].body


def test_day_without_anything_is_not_worth_a_mail(staffed: Booking) -> None:
    Booking.objects.update(starts_at=SESSION + timedelta(days=7), ends_at=SESSION + timedelta(days=7, minutes=30))
    assert told(DUE) == 0


def test_account_switched_off_or_without_an_address_gets_nothing(staffed: Booking) -> None:
    User.objects.filter(username="sato").update(is_active=False)
    User.objects.filter(username="kanri").update(email="")
    assert told(DUE) == 0
