"""The sign-in before this one: staff see when it was and who has failed since, so that they notice somebody else at their account (japan.md §4.3)."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.toyooka_hw.accounts.conftest import MORNING, Colleague, at_time, log_in
from tests.visitor import text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import fresh_codes
from toyooka_hw.accounts.operations.roles import SYSTEM_ADMINISTRATOR
from toyooka_hw.accounts.queries import last_sign_in

pytestmark = pytest.mark.django_db
TODAY, OWN = "/admin/booking/booking/today/", "/admin/me/"
CLIENT = "198.51.100.7"
NEXT_DAY = MORNING + timedelta(days=1)
QUERIES_OF_OWN_PAGE = 8


def shown(user: User, path: str = TODAY, **typed: str) -> str:
    """What a page says to somebody who signs in the next morning."""
    with at_time(NEXT_DAY):
        client = log_in(user, **typed)[0]
        return text_of(client.get(path))


def signed_in(user: User, **typed: str) -> Client:
    with at_time(MORNING):
        return log_in(user, **typed)[0]


def forget(client: Client) -> None:
    """Its session began before there was anything to remember."""
    with at_time(MORNING):
        session = client.session
        del session["staff_before"]
        session.save()


def failed(user: User, *minutes: int) -> None:
    for later in minutes:
        with at_time(MORNING + timedelta(minutes=later)):
            log_in(user, Client(REMOTE_ADDR=CLIENT), password="wrong")


def test_first_sign_in_knows_of_none_before(colleague: Colleague) -> None:
    page = shown(colleague())
    assert ("前回のログイン：記録はありません。" in page, "失敗したログイン" in page) == (True, False)


@pytest.mark.parametrize("path", [TODAY, OWN])
def test_next_one_knows_the_first_and_that_nobody_failed(colleague: Colleague, path: str) -> None:
    user = colleague()
    signed_in(user)
    assert "前回のログイン：4月6日（火）9:30。その後、失敗したログインはありません。" in shown(user, path)


def test_failures_since_then_are_counted_and_nobody_elses(colleague: Colleague) -> None:
    user, other = colleague(), colleague("tani")
    failed(user, -1)
    signed_in(user)
    signed_in(other)
    failed(user, 61, 125)
    failed(other, 126)
    page = shown(user)
    assert "前回のログイン：4月6日（火）9:30。その後、失敗したログインが2回あります（最後は4月6日（火）11:35）。" in page
    assert "心当たりがないときは、パスワードを変え、システム管理者に連絡してください。パスワードを変える" in page
    assert CLIENT not in page


def test_failures_before_the_first_sign_in_are_told(colleague: Colleague) -> None:
    user = colleague()
    failed(user, 5)
    assert "前回のログイン：記録はありません。これまでに、失敗したログインが1回あります（最後は4月6日（火）9:35）。" in shown(user)


def test_recovery_code_is_a_sign_in_too_and_signing_out_is_none(colleague: Colleague) -> None:
    user = colleague()
    with at_time(MORNING):
        signed_in(user, otp_token=fresh_codes(user)[0]).post("/admin/logout/")
    before = last_sign_in(user)
    assert (before.at, before.failures, before.last_failure) == (MORNING, 0, None)


def test_whoever_has_no_part_in_the_days_work_reads_it_on_the_index(colleague: Colleague) -> None:
    user = colleague("system", SYSTEM_ADMINISTRATOR)
    signed_in(user)
    assert "前回のログイン：4月6日（火）9:30。" in shown(user, "/admin/")


def test_session_from_before_an_upgrade_tells_nothing(colleague: Colleague) -> None:
    client = signed_in(colleague())
    forget(client)
    with at_time(MORNING):
        page = text_of(client.get(OWN))
    assert ("回復コードの残り" in page, "前回のログイン" in page) == (True, False)


def test_it_is_looked_up_once_and_costs_a_page_nothing(colleague: Colleague, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = colleague()
    with django_assert_num_queries(2):
        last_sign_in(user)
    client = signed_in(user)
    with at_time(MORNING), django_assert_num_queries(QUERIES_OF_OWN_PAGE):
        client.get(OWN)
    forget(client)
    with at_time(MORNING), django_assert_num_queries(QUERIES_OF_OWN_PAGE):
        client.get(OWN)
