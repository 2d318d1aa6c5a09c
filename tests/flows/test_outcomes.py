"""The day's end: outcomes, 日締め, and the one reminder of the next open day (issue point 5; A7)."""

from datetime import timedelta

import pytest
from django.test import Client

from booking.models import Booking, DayClosing
from tests.cast import Office
from tests.flows.at_work import BOOKINGS, REGISTERED, Colleague, agreed_session, ask
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw.accounts.models import User

pytestmark = pytest.mark.flow
CLOSING = f"{BOOKINGS}closing/"
ASKED = "【ハローワーク豊岡】結果の記録のお願い（1件）"


def reminders(story: Story) -> list[str]:
    return [mail.subject for mail in story.mailbox.mails() if "結果の記録" in mail.subject]


def test_missing_end_is_asked_for_once_and_the_day_is_closed_when_it_is_there(
    story: Story, sato: Colleague, office_at_work: Office
) -> None:
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@office.example.jp")
    held = agreed_session(Client(), story, sato)
    forgotten = ask(story, office_at_work, "城崎 一", "hajime@example.jp", story.at(11))
    sato.press(forgotten, "confirm", **REGISTERED)
    story.move(story.at(10, 5))
    sato.press(held, "delay")  # nobody is closed by itself today
    sato.press(forgotten, "delay")
    story.move(story.at(10, 30))
    sato.press(held, "complete", outcome="held_short")
    story.move(story.at(16))
    refused = sato.fill(sato.look(CLOSING), day=story.session_day.isoformat())
    assert ("締められません" in text_of(refused), "城崎一" in text_of(refused), DayClosing.objects.count()) == (True, True, 0)

    next_morning = story.on_open_day(1, hour=8, minute=25)
    story.move(next_morning)
    assert reminders(story) == []
    for minutes in (6, 16, 26):
        story.move(next_morning + timedelta(minutes=minutes))
    assert reminders(story) == [ASKED]
    mail = next(mail for mail in story.mailbox.mails() if mail.subject == ASKED)
    assert (mail.to, "城崎" in mail.text) == ((f"{forgotten.counsellor.user.username}@office.example.jp",), False)

    sato.press(forgotten, "complete", outcome="held_by_phone")
    assert "締めました。" in text_of(sato.fill(sato.look(CLOSING, day=story.session_day.isoformat()), day=story.session_day.isoformat()))
    assert list(Booking.objects.order_by("pk").values_list("state", "outcome")) == [
        ("completed", "held_short"),
        ("completed", "held_by_phone"),
    ]
    assert (DayClosing.objects.get().closed_by, len(reminders(story))) == (sato.user, 1)
