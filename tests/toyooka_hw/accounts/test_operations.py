"""Sign-in by a code: ten minutes, five tries, one use, five codes an hour, and no word on whether an address is known."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from pytest_django import Settings

from tests.cast import MORNING
from toyooka_hw import clock
from toyooka_hw.accounts import operations
from toyooka_hw.accounts.models import EmailCode, Person
from toyooka_hw.accounts.operations import CodeExhausted, TooManyCodes, WrongCode, check_code, send_code
from toyooka_hw.accounts.tasks import forget
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
MAIL = "hanako@example.jp"
CLIENT = "203.0.113.7"


def fresh_code() -> str:
    send_code(MAIL, client=CLIENT, now=MORNING, wall=MORNING)
    code: str = OutgoingMail.objects.latest("pk").secrets[0]
    return code


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_right_code_is_good_once() -> None:
    code = fresh_code()
    check_code(MAIL, code, wall=MORNING + timedelta(minutes=10) - timedelta(seconds=1))
    with pytest.raises(WrongCode):
        check_code(MAIL, code, wall=MORNING)


def test_code_dies_after_ten_minutes() -> None:
    code = fresh_code()
    with pytest.raises(WrongCode):
        check_code(MAIL, code, wall=MORNING + timedelta(minutes=10))


def test_five_wrong_tries_kill_the_code() -> None:
    code = fresh_code()
    for _ in range(5):
        with pytest.raises(WrongCode):
            check_code(MAIL, other(code), wall=MORNING)
    with pytest.raises(CodeExhausted):
        check_code(MAIL, code, wall=MORNING)


def test_new_code_replaces_the_old_one() -> None:
    old = fresh_code()
    new = fresh_code()
    if old != new:
        with pytest.raises(WrongCode):
            check_code(MAIL, old, wall=MORNING)
    check_code(MAIL, new, wall=MORNING)


def test_code_of_another_mailbox_is_wrong() -> None:
    code = fresh_code()
    with pytest.raises(WrongCode):
        check_code("other@example.jp", code, wall=MORNING)


def test_sixth_code_within_the_hour_is_refused() -> None:
    for _ in range(5):
        send_code(MAIL, client=CLIENT, now=MORNING, wall=MORNING)
    with pytest.raises(TooManyCodes):
        send_code(MAIL, client=CLIENT, now=MORNING, wall=MORNING + timedelta(minutes=59))
    send_code(MAIL, client=CLIENT, now=MORNING, wall=MORNING + timedelta(hours=1))


def test_network_address_has_sixty_codes_an_hour() -> None:
    for number in range(60):
        send_code(f"{number}@example.jp", client=CLIENT, now=MORNING, wall=MORNING)
    with pytest.raises(TooManyCodes):
        send_code(MAIL, client=CLIENT, now=MORNING, wall=MORNING)
    send_code(MAIL, client="203.0.113.8", now=MORNING, wall=MORNING)
    send_code(MAIL, client=CLIENT, now=MORNING, wall=MORNING + timedelta(hours=1))


def test_without_redis_nobody_is_turned_away(settings: Settings) -> None:
    nobody = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES |= {"default": nobody}
    for number in range(61):
        send_code(f"{number}@example.jp", client=CLIENT, now=MORNING, wall=MORNING)
    assert EmailCode.objects.count() == 61


def test_code_is_not_stored_in_the_clear() -> None:
    code = fresh_code()
    assert code not in EmailCode.objects.get().digest


def test_codes_are_forgotten_after_a_day() -> None:
    fresh_code()
    assert operations.forget_codes(wall=MORNING + timedelta(hours=24)) == 0
    assert operations.forget_codes(wall=MORNING + timedelta(hours=24, seconds=1)) == 1


def test_sessions_are_forgotten_once_they_are_over() -> None:
    """What was typed and waits there goes with them."""
    for key, over in (("over", clock.wall() - timedelta(seconds=1)), ("goes on", clock.wall() + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="an address", expire_date=over)
    forget()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["goes on"]


def test_mailbox_is_one_person() -> None:
    first = operations.person_of_mailbox(MAIL, now=MORNING)
    assert operations.person_of_mailbox(MAIL, now=MORNING) == first
    assert Person.objects.count() == 1
