"""People are signed in for an hour, know it from the first page on, and are warned before it is over (japan.md §4.3)."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from tests.cast import MORNING, Office
from tests.visitor import Visitor, text_of

HOLDS = "メールでの確認は、10:30まで有効です。"
QUERIES_OF_A_PLAIN_PAGE = 5  # as many as without it
WARNING = "まもなく、メールでの確認の期限です"


@pytest.fixture
def visitor(office: Office) -> Visitor:
    """Signed in at 9:30."""
    visitor = Visitor()
    visitor.sign_in("mine")
    return visitor


def test_end_is_told_from_the_first_page_on(visitor: Visitor) -> None:
    page = visitor.get("/mine/")
    assert HOLDS in text_of(page)
    assert '<div hidden data-appears="3000">' in page.content.decode()


@pytest.mark.parametrize(("minutes", "is_warned"), [(49, False), (50, True), (59, True)])
def test_warning_stands_on_every_page_of_the_last_ten_minutes(visitor: Visitor, minutes: int, is_warned: bool) -> None:
    visitor.now = MORNING + timedelta(minutes=minutes)
    for path in ("/mine/", "/slots/", "/guide/"):
        page = visitor.get(path).content.decode()
        assert (WARNING in page, "<div hidden data-appears" not in page) == (True, is_warned)


def test_after_the_hour_nobody_is_signed_in(visitor: Visitor) -> None:
    """Presses in between prolong nothing: the mailbox was proven at one moment."""
    visitor.now = MORNING + timedelta(minutes=59)
    visitor.get("/mine/")
    visitor.now = MORNING + timedelta(minutes=60)
    page = text_of(visitor.get("/mine/"))
    assert (HOLDS in page, WARNING in page) == (False, False)


def test_whoever_is_not_signed_in_reads_nothing_of_it(office: Office) -> None:
    assert "data-appears" not in Visitor().get("/mine/").content.decode()


def test_shifted_clock_shows_its_own_time(visitor: Visitor, settings: Settings) -> None:
    settings.CLOCK_SOURCE = f"{__name__}.three_hours_later"
    assert "メールでの確認は、13:30まで有効です。" in text_of(visitor.get("/mine/"))


def three_hours_later() -> object:
    from toyooka_hw import clock

    return clock.wall() + timedelta(hours=3)


def test_telling_it_costs_no_query(visitor: Visitor, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """A plain page of somebody signed in: the session alone, which the messages ask for anyway."""
    with django_assert_num_queries(QUERIES_OF_A_PLAIN_PAGE):
        visitor.get("/privacy/")
