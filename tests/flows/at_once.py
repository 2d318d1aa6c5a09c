"""Both sides of an immediate session at the portal's own pages: somebody on a phone, a counsellor at the desk."""

from typing import Any

from django.test import Client

from booking.models import Booking, Counsellor
from tests.flows.applying import newest_code
from tests.flows.at_work import BOOKINGS, Colleague
from tests.pages import submit
from tests.stories import Story

DESK = f"{BOOKINGS}desk/"
DECLARED = {"environment": "on", "recording": "on"}


def sign_in(phone: Client, story: Story, door: str, email: str) -> Any:
    """Prove the mailbox at this door; the page behind it."""
    page = submit(phone, phone.get(f"/sign-in/{door}/"), email=email)
    story.settle()
    return submit(phone, page, code=newest_code(story.mailbox))


def ask_now(phone: Client, story: Story, **more: str) -> Booking:
    """Whoever is signed in asks for a session now."""
    page = submit(phone, phone.get("/now/"), **DECLARED, **more)
    story.settle()
    booking = Booking.objects.latest("pk")
    assert booking.number in page.content.decode()
    return booking


def stand_by(desk: Colleague, counsellor: Counsellor) -> None:
    """受付中にする, for themselves."""
    desk.fill(desk.look(DESK), action=f"/desk/switch/{counsellor.pk}/")


def take(desk: Colleague, booking: Booking) -> Any:
    """受け付ける; the page that follows tells the code once it is asked for."""
    page = desk.fill(desk.look(DESK), action=f"/desk/{booking.pk}/accept/")
    booking.refresh_from_db()
    return page


def delivery_page(booking: Booking) -> str:
    return f"{BOOKINGS}{booking.pk}/delivery/"


def open_code(desk: Colleague, booking: Booking) -> Any:
    """番号を表示する."""
    return desk.fill(desk.look(delivery_page(booking)), action="/delivery/code/")


def note(desk: Colleague, booking: Booking, what: str) -> Any:
    """Press one of the buttons beside the person: how the code was told, 本人確認, 来た."""
    page = desk.fill(desk.look(delivery_page(booking)), action=f"/{what}/")
    booking.refresh_from_db()
    return page
