"""A job seeker at the public pages of a story, as a phone sends what the pages carry."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from booking.models import Booking
from tests.pages import submit
from tests.servers import MailFolder
from tests.stories import Story
from toyooka_hw import clock

HANAKO = "hanako@example.jp"
DECLARED = {"agree": "on", "zoom": "on", "recording": "on", "environment": "on", "registration": "on"}
DETAILS = {
    "full_name": "豊岡　花子",
    "job_seeker_number": "２８０９０ー１２３４５６７",
    "phone": "０９０−１２３４−５６７８",
    "topic": "転職の相談",
}


def newest_code(mailbox: MailFolder) -> str:
    mail = [mail for mail in mailbox.mails() if "認証コード" in mail.subject][-1]
    found = re.search(r"認証コード：(\d{6})", mail.text)
    assert found
    return found[1]


def choose(phone: Client, story: Story, hour: int) -> Any:
    """Pick the start at this hour of the session's day; the page that follows is the terms."""
    page = phone.get(f"/slots/?week={story.session_day - timedelta(days=story.session_day.weekday())}")
    return submit(phone, page, action="begin", start=story.at(hour).isoformat())


def at_the_last_step(phone: Client, story: Story, email: str) -> Any:
    """From the slot page to the confirm screen, without an account, as a person on a phone does it."""
    page = choose(phone, story, 10)
    page = submit(phone, page, **DECLARED)
    page = submit(phone, page, email=email)
    story.settle()
    page = submit(phone, page, code=newest_code(story.mailbox))
    return submit(phone, page, **DETAILS)


def apply(phone: Client, story: Story) -> Booking:
    """The whole way, to the 受付番号."""
    page = submit(phone, at_the_last_step(phone, story, HANAKO))
    booking = Booking.objects.get()
    assert booking.number in page.content.decode()
    return booking


def now_and_wall() -> dict[str, Any]:
    """The two times that operations ask for, as a view would read them."""
    return {"now": clock.now(), "wall": clock.wall()}
