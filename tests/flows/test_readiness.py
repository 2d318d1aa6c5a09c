"""The afternoon before: the board and the one mail look at the next open day, whatever lies between (issue point 7)."""

from datetime import timedelta

import pytest
from django.conf import settings

from booking.rules.calendar import Calendar
from tests.cast import Office
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague, ask
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.flow
BOARD = f"{BOOKINGS}tomorrow/"


def readiness_mails(story: Story) -> list[tuple[str, ...]]:
    return sorted(mail.to for mail in story.mailbox.mails() if "の準備：" in mail.subject)


def test_on_the_eve_of_a_closed_day_staff_hear_once_of_the_next_open_one(story: Story, sato: Colleague, office_at_work: Office) -> None:
    """A session nobody could be told of is missing something; the press that mends it stands beside it."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@office.example.jp")
    holiday = story.session_day
    next_open = Calendar().next_open_day(holiday)
    sato.fill(sato.look(f"{BOOKINGS}calendar/day/{holiday}/"), what="closed", label="臨時閉庁")
    start = story.at(10) + (next_open - holiday)
    ready = ask(story, office_at_work, "豊岡 花子", "hanako@example.jp", start)
    silent = ask(story, office_at_work, "城崎 一", "", start)
    for booking in (ready, silent):
        sato.press(booking, "confirm", **REGISTERED)
    ask(story, office_at_work, "竹野 二郎", "jiro@example.jp", start + timedelta(hours=3))

    eve = story.at(15, 25) - timedelta(days=1)
    story.move(eve)
    assert readiness_mails(story) == []
    story.move(eve + timedelta(minutes=6))
    story.sweep(*["booking.sweep_readiness"] * 5)
    story.settle()
    counsellors = {booking.counsellor.user.username for booking in (ready, silent)}
    assert readiness_mails(story) == sorted((f"{name}@office.example.jp",) for name in counsellors)
    mail = next(mail for mail in story.mailbox.mails() if "の準備：" in mail.subject)
    assert (f"{next_open.month}月{next_open.day}日" in mail.subject, "予約2件（要確認1件・未回答1件）" in mail.subject) == (True, True)
    assert (silent.number in mail.text, "城崎" in mail.text) == (True, False)
    address = mail.text.partition(settings.PORTAL_URL)[2].split()[0]
    board = sato.look(address)
    assert (board.context["board"].day.date, "確定したことを、まだお知らせしていません" in text_of(board)) == (next_open, True)

    sato.fill(sato.look(f"{BOOKINGS}calls/"), action="act/told")
    assert "確定したことを、まだお知らせしていません" not in text_of(sato.look(BOARD))
    story.move(eve + timedelta(hours=2))
    assert len(readiness_mails(story)) == len(counsellors)
