"""The end of a sign-in in the browser: told from the start, and a warning that appears on a page that stays open."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_terms import keep_session, signed_in
from tests.cast import Office, make_person
from toyooka_hw import clock
from toyooka_hw.accounts.session import SIGNED_IN_FOR

Look = Callable[[Page, str], None]
WARNING = "まもなく、メールでの確認の期限です"


@pytest.fixture
def visitor(page: Page, live_server: LiveServer, office_at_work: Office) -> Page:
    keep_session(page, live_server, signed_in(make_person()))
    return page


def test_warning_appears_on_a_page_that_stays_open(visitor: Page, look: Look) -> None:
    visitor.clock.install()
    visitor.goto("/mine/")
    warning = visitor.get_by_text(WARNING)
    expect(warning).to_be_hidden()
    visitor.clock.fast_forward(int((SIGNED_IN_FOR - timedelta(minutes=20)).total_seconds() * 1000))
    expect(warning).to_be_hidden()
    visitor.clock.fast_forward(11 * 60_000)
    expect(warning).to_be_visible()
    for size in (PHONE, DESK):
        visitor.set_viewport_size(size)
        look(visitor, "sign-in-ends")


def test_last_ten_minutes_are_told_without_scripts(
    new_context: Callable[..., BrowserContext], live_server: LiveServer, office_at_work: Office, look: Look
) -> None:
    client = signed_in(make_person())
    session = client.session
    session["person_until"] = (clock.wall() + timedelta(minutes=9)).timestamp()
    session.save()
    context = new_context(java_script_enabled=False)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": live_server.url}])
    plain = context.new_page()
    plain.goto("/mine/")
    expect(plain.get_by_text(WARNING)).to_be_visible()
    context.close()
