"""The staff's entrance: recovery codes, the lock that grows, sessions that end. All by real time."""

import re
from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from tests.cast import Office
from tests.toyooka_hw.accounts.conftest import MORNING, PASSWORD, Colleague, at_time, log_in
from tests.visitor import text_of
from toyooka_hw.accounts.entrance import REFUSED
from toyooka_hw.accounts.lockout import FREE_TRIES, locked_until, wait_after
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import staff
from toyooka_hw.accounts.operations.factors import codes_left, fresh_codes
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
OWN = "/admin/me/"
IDLE, DAY = timedelta(minutes=30), timedelta(hours=10)


@pytest.fixture
def limits(settings: Settings) -> None:
    settings.STAFF_IDLE, settings.STAFF_SESSION = IDLE, DAY
    settings.STAFF_LOCK_LONGEST = timedelta(hours=1)


def at_work(user: User, moment: datetime = MORNING) -> Client:
    with at_time(moment):
        return log_in(user)[0]


def opened(client: Client, moment: datetime, **headers: str) -> tuple[int, str]:
    """Status and where it leads."""
    with at_time(moment):
        response = client.get(OWN, headers=headers)
    return response.status_code, response.headers.get("Location", response.headers.get("HX-Redirect", ""))


# --- recovery codes ------------------------------------------------------------------------------------------------------


def test_recovery_code_opens_once_and_tells_how_many_are_left(colleague: Colleague) -> None:
    user = colleague()
    code = fresh_codes(user)[0]
    with at_time(MORNING):
        client, answer = log_in(user, otp_token=f"{code[:5]}-{code[5:]}")
        page = client.get(OWN)
        again = log_in(user, otp_token=code)[1]
    assert answer.headers["Location"] == OWN
    assert "回復コードを1つ使いました。残りは9個です。" in text_of(page)
    assert str(REFUSED) in text_of(again)
    assert codes_left(user) == 9
    assert [entry.what for entry in AuditEntry.objects.order_by("pk")] == ["回復コードでログインする", "ログインの失敗"]


def test_last_codes_ask_for_new_ones(colleague: Colleague) -> None:
    user = colleague()
    codes = fresh_codes(user)
    for number, code in enumerate(codes[:7]):
        with at_time(MORNING + timedelta(minutes=number)):
            client = log_in(user, otp_token=code)[0]
    with at_time(MORNING + timedelta(minutes=7)):
        page = text_of(client.get(OWN))
    assert "残りは3個です。「自分の設定」で、新しい回復コードを作ってください。" in page


def test_code_of_another_opens_nothing(colleague: Colleague) -> None:
    mine, theirs = colleague(), colleague("tani")
    fresh_codes(mine)
    with at_time(MORNING):
        answer = log_in(mine, otp_token=fresh_codes(theirs)[0])[1]
    assert answer.status_code == 200


def test_signing_in_stands_in_the_audit(colleague: Colleague) -> None:
    user = colleague()
    at_work(user)
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.by, entry.kind, entry.door) == ("ログインする", user, "sign_in", "/admin/login/")


# --- what a refusal tells, and what slows guessing -----------------------------------------------------------------------


NO_CODE = "abcdef"  # no app ever shows it


def drawn(answer: HttpResponse) -> str:
    """The page but for what is drawn by lot each time."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


@pytest.mark.parametrize("typed", [{"otp_token": NO_CODE}, {"otp_token": ""}, {"otp_challenge": "x"}], ids=["wrong", "none", "challenge"])
def test_right_password_is_answered_like_a_wrong_one(colleague: Colleague, typed: dict[str, str]) -> None:
    user = colleague()
    with at_time(MORNING):
        wrong = log_in(user, password="wrong")[1]
        right = log_in(user, **typed)[1]
        too_soon = log_in(user, **typed)[1]
    assert str(REFUSED) in text_of(wrong)
    assert f'value="{user.username}"' in drawn(wrong)
    assert PASSWORD not in drawn(right)
    assert drawn(wrong) == drawn(right) == drawn(too_soon)


@pytest.mark.parametrize(("factor", "judged", "answer"), [(1, 4, 200), (0, 15, 302)], ids=["throttled", "control"])
def test_guessing_codes_is_slowed_although_the_password_is_right(
    colleague: Colleague, settings: Settings, factor: int, judged: int, answer: int
) -> None:
    """A guess each second: at 0, 1, 3 and 7 they are judged, and until 15 even the right code is not."""
    settings.OTP_TOTP_THROTTLE_FACTOR = factor
    user = colleague()
    for second in range(15):
        with at_time(MORNING + timedelta(seconds=second)):
            log_in(user, otp_token=NO_CODE)
    assert TOTPDevice.objects.get(user=user).throttling_failure_count == judged
    with at_time(MORNING + timedelta(seconds=14)):
        assert log_in(user)[1].status_code == answer


def test_after_the_wait_the_right_code_opens(colleague: Colleague) -> None:
    user = colleague()
    with at_time(MORNING):
        log_in(user, otp_token=NO_CODE)
    with at_time(MORNING + timedelta(seconds=1)):
        assert log_in(user)[1].status_code == 302


def test_guessing_recovery_codes_is_slowed_likewise(colleague: Colleague) -> None:
    user = colleague()
    codes = fresh_codes(user)
    with at_time(MORNING):
        log_in(user, otp_token="0" * len(codes[0]))
        refused = log_in(user, otp_token=codes[0])[1]
    assert (refused.status_code, codes_left(user)) == (200, len(codes))


# --- the lock ------------------------------------------------------------------------------------------------------------


def fail(user: User, times: int, moment: datetime, **client: str) -> int:
    with at_time(moment):
        return [log_in(user, Client(**client), password="wrong")[1].status_code for _ in range(times)][-1]


@pytest.mark.parametrize(("failures", "minutes"), [(4, 0), (5, 1), (6, 2), (7, 4), (11, 60), (500, 60)])
def test_wait_doubles_up_to_its_longest(settings: Settings, limits: None, failures: int, minutes: int) -> None:
    assert wait_after(failures) == timedelta(minutes=minutes)


def test_fifth_failure_locks_for_a_minute_even_with_the_right_password(limits: None, colleague: Colleague) -> None:
    user = colleague()
    assert (fail(user, FREE_TRIES - 1, MORNING), fail(user, 1, MORNING)) == (200, 429)
    with at_time(MORNING + timedelta(seconds=59)):
        locked = log_in(user)[1]
    with at_time(MORNING + timedelta(seconds=60)):
        free = log_in(user)[1]
    assert locked.status_code == 429
    assert "1分ほどたってから、もう一度お試しください。" in text_of(locked)
    assert free.status_code == 302


def test_next_failure_doubles_the_wait_and_success_forgets_all(limits: None, colleague: Colleague) -> None:
    user = colleague()
    fail(user, FREE_TRIES, MORNING)
    later = MORNING + timedelta(minutes=1)
    assert fail(user, 1, later) == 429
    assert locked_until(user.username, wall=later) == later + timedelta(minutes=2)
    at_work(user, later + timedelta(minutes=2))
    assert locked_until(user.username, wall=later) is None


def test_pressing_during_the_wait_does_not_prolong_it(limits: None, colleague: Colleague) -> None:
    user = colleague()
    fail(user, FREE_TRIES, MORNING)
    fail(user, 10, MORNING + timedelta(seconds=30))
    assert locked_until(user.username, wall=MORNING) == MORNING + timedelta(minutes=1)


def test_colleague_at_the_same_address_and_same_account_elsewhere_are_free(limits: None, colleague: Colleague) -> None:
    user, other = colleague(), colleague("tani")
    fail(user, FREE_TRIES, MORNING)
    with at_time(MORNING):
        answers = [log_in(other)[1], log_in(user, Client(REMOTE_ADDR="192.0.2.7"))[1]]
    assert [each.status_code for each in answers] == [302, 302]


def test_lock_at_one_address_silences_no_failure_at_another(limits: None, colleague: Colleague) -> None:
    """A stranger who locks an account at their address hides nothing from the audit, and fills it with five lines at most."""
    user = colleague()
    failed = AuditEntry.objects.filter(what="ログインの失敗")
    fail(user, FREE_TRIES + 5, MORNING)
    assert failed.count() == FREE_TRIES
    fail(user, 2, MORNING, REMOTE_ADDR="192.0.2.7")
    assert failed.count() == FREE_TRIES + 2


def test_who_waits_reads_how_long_at_this_address(limits: None, colleague: Colleague) -> None:
    user = colleague()
    fail(user, FREE_TRIES, MORNING - timedelta(minutes=3), REMOTE_ADDR="192.0.2.7")
    fail(user, 1, MORNING - timedelta(minutes=2), REMOTE_ADDR="192.0.2.7")
    fail(user, 1, MORNING, REMOTE_ADDR="192.0.2.7")  # four minutes from now on, there
    fail(user, FREE_TRIES, MORNING)
    with at_time(MORNING):
        assert "1分ほどたってから" in text_of(log_in(user)[1])


def test_lock_holds_while_redis_is_down(limits: None, colleague: Colleague, settings: Settings) -> None:
    settings.CACHES |= {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert fail(colleague(), FREE_TRIES, MORNING) == 429


def test_system_administrator_unlocks_with_a_line_in_the_audit(limits: None, system: User, colleague: Colleague) -> None:
    user = colleague()
    fail(user, FREE_TRIES, MORNING)
    staff.unlock(user, by=system, now=MORNING)
    assert locked_until(user.username, wall=MORNING) is None
    assert AuditEntry.objects.latest("pk").what == "ログインの一時停止を解く"


# --- sessions ------------------------------------------------------------------------------------------------------------


def test_session_is_over_after_thirty_idle_minutes(limits: None, colleague: Colleague) -> None:
    client = at_work(colleague())
    assert opened(client, MORNING + IDLE - timedelta(seconds=1)) == (200, "")
    assert opened(client, MORNING + 2 * IDLE - timedelta(seconds=2)) == (200, "")
    assert opened(client, MORNING + 3 * IDLE - timedelta(seconds=2)) == (302, "/admin/login/?next=%2Fadmin%2Fme%2F&why=idle")


def test_page_that_refreshes_itself_is_no_press(limits: None, colleague: Colleague) -> None:
    client = at_work(colleague())
    assert opened(client, MORNING + IDLE / 2, **{"X-Poll": "1", "HX-Request": "true"})[0] == 200
    there = {"X-Poll": "1", "HX-Request": "true", "Referer": "http://testserver/admin/booking/booking/today/?day=2027-04-06"}
    expected = "/admin/login/?next=%2Fadmin%2Fbooking%2Fbooking%2Ftoday%2F%3Fday%3D2027-04-06&why=idle"
    assert opened(client, MORNING + IDLE, **there) == (200, expected)


def test_session_is_over_after_ten_hours_of_work(limits: None, colleague: Colleague) -> None:
    client = at_work(colleague())
    for minutes in range(20, 600, 20):
        assert opened(client, MORNING + timedelta(minutes=minutes))[0] == 200
    assert opened(client, MORNING + DAY)[1].endswith("why=day")


def test_login_says_why_and_leads_back(limits: None, colleague: Colleague) -> None:
    user = colleague()
    client = at_work(user)
    _status, login = opened(client, MORNING + IDLE)
    with at_time(MORNING + IDLE):
        page = client.get(login)
        back = log_in(user, client)[1]
    assert "しばらく操作がなかったため、ログアウトしました。" in text_of(page)
    assert back.headers["Location"] == OWN


def test_what_was_sent_too_late_is_not_taken_and_said_so(limits: None, colleague: Colleague) -> None:
    client = at_work(colleague())
    with at_time(MORNING + IDLE):
        answer = client.post(
            "/admin/me/codes/", {"password_now": "x"}, headers={"Referer": "http://testserver/admin/me/codes/"}, follow=True
        )
    assert answer.redirect_chain == [("/admin/login/?next=%2Fadmin%2Fme%2Fcodes%2F&why=unsent", 302)]
    assert "入力した内容はまだ保存されていません。" in text_of(answer)


def test_switching_an_account_off_ends_its_session_at_once_and_for_good(limits: None, system: User, colleague: Colleague) -> None:
    user = colleague()
    client, moment = at_work(user), MORNING + timedelta(minutes=1)
    staff.switch_off(user, by=system, reason="退職", now=moment, wall=moment)
    assert opened(client, moment)[0] == 302
    other = at_work(colleague("tani"))
    tani = User.objects.get(username="tani")
    staff.switch_off(tani, by=system, reason="休職", now=moment, wall=moment)
    staff.switch_on(tani, by=system, reason="復職", now=moment)
    assert opened(other, moment)[1].endswith("why=ended")


def test_end_of_a_staff_session_leaves_the_public_one(limits: None, colleague: Colleague) -> None:
    client = at_work(colleague())
    with at_time(MORNING):
        session = client.session
        session["person_id"] = 7
        session.save()
    opened(client, MORNING + IDLE)
    with at_time(MORNING + IDLE):
        assert (client.session["person_id"], "_auth_user_id" in client.session) == (7, False)


def test_session_key_changes_at_the_login(colleague: Colleague) -> None:
    client = Client()
    with at_time(MORNING):
        client.get("/admin/login/")
        session = client.session
        session["mark"] = 1
        session.save()
        before = session.session_key
        log_in(colleague(), client)
    assert client.session.session_key != before


def test_anonymous_part_of_a_page_moves_the_whole_page(office: Office) -> None:
    assert opened(Client(), MORNING, **{"HX-Request": "true"}) == (200, "/admin/login/?next=%2Fadmin%2F")
