"""Reminders: once for each time of a session, looked at again when they are written and when they are sent."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import Booking
from booking.operations import immediate, interviews, moving, sessions
from booking.operations.interviews import Arrangement
from booking.operations.invitations import Seeker
from booking.operations.moving import Change
from booking.operations.reminders import remind
from booking.queries import to_be_reminded
from tests.booking.admin.crowd import copy
from tests.cast import MORNING, SESSION, THURSDAY, Office, at, make_person, make_regular, now_please
from tests.employers import CONTACT, asked, make_contact
from tests.servers import MailFolder
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail import operations
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
EVE = SESSION - timedelta(hours=25)  # Wednesday 9:00
SOON = SESSION - timedelta(hours=1)
HANAKO = "hanako@example.jp"


def at_work(now: datetime) -> int:
    return remind(now=now, wall=now)


def written() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(key__startswith="reminder:").order_by("pk"))


def sent(mail: OutgoingMail, now: datetime) -> OutgoingMail:
    """The mail after its turn has come; nothing else waits."""
    OutgoingMail.objects.exclude(pk=mail.pk).delete()
    operations.deliver(mail.pk, now=now, wall=now)
    mail.refresh_from_db()
    return mail


def test_person_is_reminded_the_day_before_and_an_hour_before(confirmed: Booking) -> None:
    counts = [at_work(now) for now in (EVE - timedelta(minutes=1), EVE, EVE + timedelta(minutes=1), SOON, SOON + timedelta(minutes=1))]
    assert counts == [0, 1, 0, 1, 0]
    assert [(mail.to, mail.subject) for mail in written()] == [
        (HANAKO, "【ハローワーク豊岡】明日の相談のご案内（10:00～）"),
        (HANAKO, "【ハローワーク豊岡】まもなく相談を開始します（10:00～）"),
    ]


def test_reminder_says_when_where_and_that_nothing_is_recorded(confirmed: Booking) -> None:
    """C12-2, C12-4, C6-1-4a: beside the link, what to prepare, that recording is forbidden, and the phone."""
    at_work(EVE)
    body = written()[0].body
    said = ("2027年4月8日（木）10:00～10:30", "http://testserver/b/", "録画・録音はできません", "0796-00-0000", "通信の状態")
    assert [words for words in said if words not in body] == []


def test_link_of_a_reminder_is_blanked_once_sent(confirmed: Booking, mailbox: MailFolder) -> None:
    at_work(EVE)
    mail = sent(written()[0], EVE)
    assert (mail.outbox_state, mail.secrets, "/b/" in mail.body and operations.BLANK in mail.body) == (OutboxState.DONE, [], True)
    assert "http://testserver/b/" in mailbox.mails()[0].text


@pytest.mark.parametrize("state", ["cancelled_by_user", "cancelled_by_office", "completed", "requested"])
def test_session_that_is_not_confirmed_is_reminded_of_to_nobody(confirmed: Booking, state: str) -> None:
    Booking.objects.update(state=state)
    assert at_work(EVE) == 0


def test_person_without_a_mailbox_is_left_to_the_phone(confirmed: Booking) -> None:
    Person.objects.update(email="")
    assert at_work(EVE) == 0


def test_immediate_session_is_reminded_of_to_nobody(office: Office) -> None:
    regular = make_regular(office)
    immediate.switch(office.sato.pk, on=True, by=office.staff, now=MORNING)
    made = immediate.request(regular, now_please(office.version), now=MORNING, wall=MORNING)
    immediate.accept(made.pk, counsellor=office.sato.pk, by=office.staff, now=MORNING, wall=MORNING)
    assert at_work(MORNING + timedelta(seconds=1)) == 0


def test_moved_session_is_reminded_of_again_at_its_new_time(office: Office, confirmed: Booking) -> None:
    at_work(EVE)
    moving.move(confirmed.pk, SESSION + timedelta(days=1), Change(office.staff, "お電話で相談"), now=EVE, wall=EVE)
    friday_soon = SOON + timedelta(days=1)
    assert [at_work(SOON - timedelta(minutes=1)), at_work(SOON), at_work(friday_soon)] == [0, 1, 1]
    assert [mail.key.split(":")[3] for mail in written()] == ["202704080100", "202704090100", "202704090100"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "cancelled_by_office"}, "予約が確定の状態ではなくなったため"),
        ({"starts_at": SESSION + timedelta(hours=1), "ends_at": SESSION + timedelta(minutes=90)}, "日時が変わったため"),
    ],
)
def test_reminder_that_is_no_longer_true_is_dropped_with_the_reason(
    confirmed: Booking, mailbox: MailFolder, change: dict[str, object], why: str
) -> None:
    at_work(EVE)
    Booking.objects.update(**change)
    mail = sent(written()[0], EVE)
    assert (mail.outbox_state, mail.dropped, mail.delivered_at) == (OutboxState.DONE, why, None)
    assert (mailbox.mails(), mail.secrets, operations.BLANK in mail.body) == ([], [], True)


def test_reminder_to_an_address_that_changed_is_dropped(confirmed: Booking, mailbox: MailFolder) -> None:
    at_work(EVE)
    Person.objects.update(email="new@example.jp")
    assert (sent(written()[0], EVE).dropped, mailbox.mails()) == ("メールアドレスが変わったため", [])


@pytest.mark.parametrize(("written_at", "sent_at"), [(EVE, at(THURSDAY, 0)), (SOON, SESSION)])
def test_reminder_that_comes_too_late_is_dropped(confirmed: Booking, mailbox: MailFolder, written_at: datetime, sent_at: datetime) -> None:
    """betagouv #4351: a queue that lags must not speak of "tomorrow" today, nor of "soon" when it has begun."""
    at_work(written_at)
    assert (sent(written()[0], sent_at).dropped, mailbox.mails()) == ("お知らせする時刻を過ぎたため", [])


def test_other_mails_are_not_asked(confirmed: Booking, mailbox: MailFolder) -> None:
    """A confirmation that waited until the session was cancelled is sent: the cancellation follows it."""
    mail = OutgoingMail.objects.get(subject__contains="確定しました")
    Booking.objects.update(state="cancelled_by_office")
    assert (sent(mail, SESSION).dropped, len(mailbox.mails())) == ("", 1)


@pytest.fixture
def interview(office: Office) -> Booking:
    booking = asked(make_contact(office)).sessions.get()
    wish = Arrangement(at(THURSDAY, 13), Seeker(make_regular(office).pk))
    return interviews.arrange(booking.pk, wish, by=office.staff, now=MORNING, wall=MORNING)


def test_everybody_in_an_interview_is_reminded_without_the_code(interview: Booking) -> None:
    """C6-2-3a: how the code reaches them, never the code."""
    now = at(THURSDAY, 12)
    assert [at_work(EVE), at_work(now)] == [1, 1]
    assert sorted((mail.to, mail.subject) for mail in written()) == [
        (HANAKO, "【ハローワーク豊岡】まもなくオンライン面接を開始します（13:00～）"),
        (HANAKO, "【ハローワーク豊岡】明日のオンライン面接のご案内（13:00～）"),
        (CONTACT, "【ハローワーク豊岡】まもなくオンライン面接を開始します（13:00～）"),
        (CONTACT, "【ハローワーク豊岡】明日のオンライン面接のご案内（13:00～）"),
    ]
    assert [("マイページ" in mail.body, "/b/" in mail.body, mail.secrets) for mail in written()] == [(True, False, [])] * 4


def test_each_reader_of_an_interview_learns_of_the_other_only_name_and_role(interview: Booking) -> None:
    """A18."""
    at_work(EVE)
    bodies = {mail.to: mail.body for mail in written()}
    assert ("求職者：豊岡 花子 様" in bodies[CONTACT], "人事担当者：城崎 次郎 様" in bodies[HANAKO]) == (True, True)
    assert "28090-1234567" not in "".join(bodies.values())


def test_one_reader_who_was_missed_is_made_up_for(interview: Booking) -> None:
    at_work(EVE)
    OutgoingMail.objects.filter(key__startswith="reminder:", to=HANAKO).delete()
    assert (at_work(EVE + timedelta(minutes=1)), sorted(mail.to for mail in written())) == (1, [HANAKO, CONTACT])


def test_sweep_asks_the_same_number_of_queries_for_one_and_for_many(
    confirmed: Booking, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        made = copy(confirmed, number, make_person(f"利用者{number}", email=f"p{number}@example.jp"))
        for event in confirmed.events.all():
            made.events.create(event=event.event, to_state=event.to_state, at=event.at, actor="system")
    with django_assert_num_queries(5):
        assert len(to_be_reminded(now=EVE)) == 21


def test_cancelled_between_the_look_and_the_lock_writes_nothing(office: Office, confirmed: Booking) -> None:
    sessions.cancel_by_office(confirmed.pk, reason="停電", by=office.staff, now=EVE, wall=EVE)
    assert (at_work(EVE), written()) == (0, [])
