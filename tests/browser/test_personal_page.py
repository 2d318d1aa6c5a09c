"""Every state of the personal page at 360 px: axe is silent and nothing sticks out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from booking.links import token_of
from booking.models import Booking
from booking.operations import applications, bookings, sessions
from booking.operations.bookings import Decision
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import Office, application, make_person
from tests.flows.applying import now_and_wall
from tests.stories import Story
from toyooka_hw import clock

Look = Callable[[Page, str], None]


@pytest.fixture
def booking(story: Story, office_at_work: Office) -> Booking:
    person = make_person()
    agree(person, Shown(office_at_work.version.pk, "同意します。", clock.now()), document=COUNSELLING, now=clock.now())
    made = applications.request(person, application(office_at_work.version, story.at(10)), **now_and_wall())
    story.settle()
    return made


def test_personal_page_through_its_states(page: Page, story: Story, office_at_work: Office, booking: Booking, look: Look) -> None:
    address = f"/b/{token_of(booking)}/"
    page.goto(address)
    look(page, "personal-requested")
    page.goto(address + "withdraw/")
    look(page, "personal-withdraw")
    bookings.propose(booking.pk, [story.at(13), story.at(14)], eligibility="registered", by=office_at_work.staff, **now_and_wall())
    story.settle()
    page.goto(address)
    look(page, "personal-proposed")
    bookings.refuse(booking.pk, now=clock.now())
    bookings.confirm(booking.pk, Decision("registered", office_at_work.staff), **now_and_wall())
    story.settle()
    page.goto(address)
    look(page, "personal-confirmed")
    page.goto(address + "contact/")
    look(page, "personal-contact")
    story.move(story.at(9, 55))
    page.goto(address)
    look(page, "personal-open")
    page.locator("[name=digits]").fill("5678")
    page.get_by_role("button", name="ミーティングIDとパスコードを表示する").click()
    look(page, "personal-codes")
    story.move(story.at(10, 1))  # nothing is completed before it began
    sessions.complete(booking.pk, by=office_at_work.staff, **now_and_wall())
    page.goto(address)
    look(page, "personal-completed")
    page.goto("/b/1-1.no-such-signature/")
    look(page, "personal-unknown")
