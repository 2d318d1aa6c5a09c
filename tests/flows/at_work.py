"""Staff at their desks in a story: they open the portal's own pages at the story's time, fill in what is asked and press."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client

from booking.models import Booking
from booking.operations import applications
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import Office, application, make_person
from tests.flows.applying import apply, now_and_wall
from tests.pages import submit
from tests.servers import Mail
from tests.stories import Story
from tests.visitor import text_of
from toyooka_hw import clock
from toyooka_hw.accounts.models import User
from toyooka_hw.mail.models import OutgoingMail

BOOKINGS = "/admin/booking/booking/"
REGISTERED = {"eligibility": "registered"}


@dataclass(frozen=True)
class Colleague:
    """One member of staff with a browser of their own."""

    story: Story
    user: User
    client: Client

    def look(self, path: str, **asked: Any) -> Any:
        """Open a page."""
        return self.client.get(path, asked, follow=True)

    def fill(self, page: Any, *, action: str = "", **values: Any) -> Any:
        """Send the form of this page, with whatever it carries hidden; the page that follows, when everything it caused is done."""
        answer = submit(self.client, page, action=action, **values)
        self.story.settle()
        return answer

    def press(self, booking: Booking, name: str, **values: Any) -> str:
        """Open the page of one button of the booking and send it; the words that follow. The booking is read again."""
        answer = self.fill(self.look(f"{BOOKINGS}{booking.pk}/act/{name}/"), **values)
        booking.refresh_from_db()
        return text_of(answer)

    def go_in(self, booking: Booking) -> Any:
        """担当者として入室: the host's own link, fresh from Zoom."""
        return self.client.post(f"{BOOKINGS}{booking.pk}/host/")


def ask(story: Story, office: Office, name: str, email: str, start: datetime) -> Booking:
    """Somebody else asks for this time; without an address they can only be phoned."""
    someone = make_person(name, email)
    agree(someone, Shown(office.version.pk, "同意します。", clock.now()), document=COUNSELLING, now=clock.now())
    wish = application(office.version, start, full_name=name)
    booking = applications.request(someone, wish, **now_and_wall())
    story.settle()
    return booking


def agreed_session(phone: Client, story: Story, desk: Colleague) -> Booking:
    """A person asks on their phone for 10:00 of the session's day, and the desk confirms it."""
    booking = apply(phone, story)
    desk.press(booking, "confirm", **REGISTERED)
    assert booking.state == "confirmed"
    return booking


def mails_to(story: Story, address: str) -> list[Mail]:
    """What really arrived at this mailbox."""
    return [mail for mail in story.mailbox.mails() if address in mail.to]


def calendar_of(mail: Mail) -> dict[str, str]:
    """The lines of the mail's calendar file by name."""
    (file,) = mail.attachments
    lines = re.sub(r"\r?\n ", "", file.content.decode()).splitlines()
    return {name: value for name, _colon, value in (line.partition(":") for line in lines)}


def told(booking: Booking) -> list[str]:
    """The states of the mails about this booking's events."""
    keys = [event.mail_key for event in booking.events.all()]
    return list(OutgoingMail.objects.filter(key__in=keys).order_by("pk").values_list("outbox_state", flat=True))
