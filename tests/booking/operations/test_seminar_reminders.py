"""Reminders of seminars: once for each time, only to who has a seat, looked at again when they are sent."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.operations.reminders import remind_of_seminars
from booking.operations.seminars import giving, seats
from booking.queries import seats_to_be_reminded
from tests.cast import MORNING, THURSDAY, Office, at
from tests.seminars import STARTS, guest, press, published, register
from toyooka_hw.mail import operations
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
EVE, SOON = at(THURSDAY, 9) - timedelta(days=1), STARTS - timedelta(hours=1)


def work(now: object) -> int:
    return remind_of_seminars(now=now, wall=now)


def reminders() -> list[tuple[str, str]]:
    rows = OutgoingMail.objects.filter(key__startswith="seminar-reminder:").order_by("pk")
    return [(mail.to, mail.subject.partition("】")[2].partition("（")[0]) for mail in rows]


def test_who_has_a_seat_is_reminded_twice_and_who_waits_is_not(office: Office) -> None:
    seminar = published(office, capacity=1)
    for number in (1, 2):
        register(seminar, guest(number))
    minute = timedelta(minutes=1)
    assert [work(now) for now in (EVE - minute, EVE, EVE + minute, SOON, SOON + minute, STARTS)] == [0, 1, 0, 1, 0, 0]
    assert reminders() == [("guest1@example.jp", "明日の催しのご案内"), ("guest1@example.jp", "まもなく開始します")]


def test_who_was_told_only_just_now_is_not_reminded(office: Office) -> None:
    register(published(office), guest(), now=EVE - timedelta(hours=2))
    assert work(EVE) == 0


@pytest.mark.parametrize("step", [giving.suspend, giving.cancel])
def test_nothing_is_written_about_what_does_not_take_place(office: Office, step: object) -> None:
    seminar = published(office)
    register(seminar, guest())
    step(seminar.pk, press(office), reason="停電のため")
    assert work(EVE) == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [("withdraw", "予約が確定の状態ではなくなったため"), ("move", "日時が変わったため"), ("late", "お知らせする時刻を過ぎたため")],
)
def test_reminder_is_looked_at_again_when_it_is_sent(office: Office, change: str, why: str) -> None:
    seminar = published(office)
    row = register(seminar, guest())
    work(EVE)
    mail = OutgoingMail.objects.get(key__startswith="seminar-reminder:")
    if change == "withdraw":
        seats.withdraw(row.pk, now=EVE, wall=EVE)
    elif change == "move":
        seminar.starts_at, seminar.ends_at = STARTS + timedelta(hours=1), STARTS + timedelta(hours=2)
        giving.change(seminar, press(office, EVE))
    OutgoingMail.objects.exclude(pk=mail.pk).delete()
    now = at(THURSDAY, 0) if change == "late" else EVE
    operations.deliver(mail.pk, now=now, wall=now)
    mail.refresh_from_db()
    assert (mail.outbox_state, mail.dropped) == ("done", why)


def test_many_seats_cost_as_many_queries_as_one(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    seminar = published(office, capacity=20)
    for number in range(1, 12):
        register(seminar, guest(number), now=MORNING)
    with django_assert_num_queries(3):
        assert len(seats_to_be_reminded(now=EVE)) == 11
