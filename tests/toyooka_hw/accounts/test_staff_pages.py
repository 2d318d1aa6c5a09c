"""The pages of staff accounts: the link's page, one's own settings, the buttons of the system administrator."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.booking.admin.conftest import Desk
from tests.cast import Office
from tests.toyooka_hw.accounts.conftest import MORNING, PASSWORD, WHO, Colleague, at_time, code_now, log_in
from tests.visitor import field_value, text_of
from toyooka_hw.accounts.admin.entry_forms import NewApp
from toyooka_hw.accounts.links import address_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import codes_left
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.models import OutgoingMail

pytestmark = pytest.mark.django_db
NEW = "battery staple horse"
LATER = MORNING + timedelta(minutes=5)


def path_of(user: User) -> str:
    return address_of(user).removeprefix("http://testserver")


def key_in(response: object) -> str:
    """The key that the page's QR code says, from the words beside it."""
    import base64

    spelled = re.findall(r'<code class="key">([A-Z2-7 ]+)</code>', response.content.decode())[0]
    return base64.b32decode(spelled.replace(" ", "")).hex()


def sign_up(user: User, client: Client | None = None, *, code: str | None = None, again: str = NEW, known: object = None) -> object:
    """Fill in the page behind the link; inside ``at_time``."""
    client = client or Client()
    page = known or client.get(path_of(user))
    values = {"key": field_value(page, "key"), "password": NEW, "password_again": again}
    return client.post(path_of(user), values | {"code": code or code_now(key_in(page))})


def test_link_leads_from_the_mail_to_the_first_login(invited: User) -> None:
    with at_time(MORNING):
        done = sign_up(invited)
        known = re.findall(r"<li><code>(\w{5}-\w{5})</code></li>", done.content.decode())
        answer = log_in(invited, password=NEW, otp_token=known[0])[1]
    assert (len(known), answer.headers["Location"]) == (10, "/admin/me/")
    assert AuditEntry.objects.get(what="ログインの設定をする").door == "/admin/welcome/"


def test_opening_the_link_changes_nothing(invited: User) -> None:
    with (
        at_time(MORNING),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        Client().get(path_of(invited))
    assert [each["sql"] for each in queries if not each["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))] == []


@pytest.mark.parametrize("moment", [MORNING + timedelta(hours=72), LATER])
def test_dead_link_says_what_to_do(invited: User, moment: object) -> None:
    with at_time(MORNING):
        if moment == LATER:
            sign_up(invited)
    with at_time(moment):
        page = Client().get(path_of(User.objects.get(pk=invited.pk)) if moment != LATER else path_of(invited))
    assert (page.status_code, "「リンクの送り直し」を依頼してください。" in text_of(page)) == (404, True)


def test_mistake_keeps_the_key_that_was_scanned(invited: User) -> None:
    with at_time(MORNING):
        client = Client()
        first = client.get(path_of(invited))
        refused = sign_up(invited, client, code="000000", known=first)
        unlike = sign_up(invited, client, again="something else", known=first)
    assert key_in(first) == key_in(refused) == key_in(unlike)
    assert "番号が正しくありません。" in text_of(refused)
    assert "2つのパスワードが一致しません。" in text_of(unlike)


def test_key_made_elsewhere_is_not_taken(invited: User, system: User) -> None:
    form = NewApp({"key": NewApp(user=system).initial["key"], "code": "123456"}, user=invited)
    assert (form.is_valid(), list(form.errors)) == (False, ["key"])


def test_weak_password_is_refused(invited: User) -> None:
    with at_time(MORNING):
        client = Client()
        page = client.get(path_of(invited))
        values = {"key": field_value(page, "key"), "password": "nakamura", "password_again": "nakamura"}
        answer = client.post(path_of(invited), values | {"code": code_now(key_in(page))})
    invited.refresh_from_db()
    assert (answer.status_code, invited.has_usable_password()) == (200, False)


# --- one's own settings --------------------------------------------------------------------------------------------------


def test_own_password_is_changed_with_the_present_one_and_ends_other_sessions(colleague: Colleague) -> None:
    user = colleague()
    with at_time(MORNING):
        here = log_in(user)[0]
    with at_time(LATER):
        there = log_in(user)[0]
        values = {"password": NEW, "password_again": NEW}
        refused = here.post("/admin/me/password/", {**values, "password_now": "wrong"})
        done = here.post("/admin/me/password/", {**values, "password_now": PASSWORD}, follow=True)
        elsewhere = there.get("/admin/me/")
    assert "パスワードが正しくありません。" in text_of(refused)
    assert (done.redirect_chain[0][0], elsewhere.status_code) == ("/admin/me/", 302)
    assert AuditEntry.objects.latest("pk").what == "パスワードを変える"


def test_own_recovery_codes_are_shown_once(colleague: Colleague) -> None:
    user = colleague()
    with at_time(MORNING):
        client = log_in(user)[0]
        done = client.post("/admin/me/codes/", {"password_now": PASSWORD})
        after = client.get("/admin/me/")
    assert (len(re.findall(r"<li><code>", done.content.decode())), codes_left(user)) == (10, 10)
    assert "no-store" in done.headers["Cache-Control"]
    assert "10個（10個中）" in text_of(after)


def test_own_app_is_replaced_and_the_session_goes_on(colleague: Colleague) -> None:
    user = colleague()
    with at_time(MORNING):
        client = log_in(user)[0]
        page = client.get("/admin/me/app/")
        values = {"key": field_value(page, "key"), "code": code_now(key_in(page)), "password_now": PASSWORD}
        done = client.post("/admin/me/app/", values)
        after = client.get("/admin/me/")
    assert (done.status_code, after.status_code) == (200, 200)
    assert TOTPDevice.objects.get(user=user).key == key_in(page)


def test_open_screen_alone_changes_nothing(colleague: Colleague) -> None:
    user = colleague()
    with at_time(MORNING):
        client = log_in(user)[0]
        answers = [client.post(f"/admin/me/{page}/", {}).status_code for page in ("password", "app", "codes")]
    assert (answers, codes_left(user)) == ([200] * 3, 0)


# --- the system administrator's buttons ----------------------------------------------------------------------------------


@pytest.fixture
def desk(system: User, staff_client: Callable[[User], Client]) -> Desk:
    """The system administrator's desk."""
    with at_time(MORNING):
        return Desk(staff_client(system), MORNING)


def act(desk: Desk, user: User, name: str, **values: str) -> str:
    return text_of(desk.post(f"/admin/accounts/user/{user.pk}/act/{name}/", **values))


def test_invitation_by_the_page(desk: Desk) -> None:
    words = text_of(desk.post("/admin/accounts/user/invite/", **WHO))
    again = text_of(desk.post("/admin/accounts/user/invite/", **WHO))
    assert "中村さんに、設定のリンクを送りました。" in words
    assert "すでにほかの職員が使っています。" in again
    assert OutgoingMail.objects.filter(to=WHO["email"]).count() == 1


def test_each_button_does_its_operation(desk: Desk, colleague: Colleague) -> None:
    user = colleague()
    steps = [
        ("role", {"role": "監査", "reason": "異動"}, "役割を変えました。"),
        ("correct", {"display_name": "酒井", "email": "sakai@example.jp"}, "直しました。"),
        ("off", {"reason": "休職"}, "ログインを停止しました。"),
        ("on", {"reason": "復職"}, "停止を解きました。"),
        ("reset", {"reason": "紛失"}, "設定を消し、本人にリンクを送りました。"),
        ("link", {}, "リンクを送りました。"),
        ("revoke", {"reason": "誤送信"}, "リンクを取り消しました。"),
        ("unlock", {}, "一時停止を解きました。"),
    ]
    assert [(name, done in act(desk, user, name, **values)) for name, values, done in steps] == [(name, True) for name, *_rest in steps]


def test_second_press_is_told_and_does_nothing(desk: Desk, colleague: Colleague) -> None:
    user = colleague()
    act(desk, user, "off", reason="休職")
    before = AuditEntry.objects.count()
    assert "ほかの操作で状態が変わりました。" in act(desk, user, "off", reason="休職")
    assert AuditEntry.objects.count() == before


def test_reason_is_asked_for_and_oneself_refused(desk: Desk, system: User, colleague: Colleague) -> None:
    assert "このフィールドは必須です。" in act(desk, colleague(), "off")
    assert "自分のアカウントには行えません。" in act(desk, system, "off", reason="退職")


def test_looking_at_a_button_does_nothing(desk: Desk, colleague: Colleague) -> None:
    user = colleague()
    assert desk.get(f"/admin/accounts/user/{user.pk}/act/link/").status_code == 200
    assert desk.get(f"/admin/accounts/user/{user.pk}/act/nowhere/").status_code == 404
    assert AuditEntry.objects.count() == 0


def test_account_of_an_operator_is_out_of_reach(desk: Desk, office: Office) -> None:
    assert desk.post(f"/admin/accounts/user/{office.staff.pk}/act/off/", reason="x").status_code == 403


def test_no_page_takes_a_password_for_another(desk: Desk, colleague: Colleague) -> None:
    user = colleague()
    pages = [f"/admin/accounts/user/{user.pk}/password/", "/admin/accounts/user/add/", "/admin/auth/group/", "/admin/otp_totp/totpdevice/"]
    assert [desk.get(page).status_code for page in pages] == [404, 403, 404, 404]
    assert desk.post(f"/admin/accounts/user/{user.pk}/change/", username="other").status_code == 403


def test_list_asks_the_same_at_one_and_at_many(desk: Desk, colleague: Colleague) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get("/admin/accounts/user/").status_code == 200
        return len(queries)

    count()
    few = count()
    for number in range(30):
        colleague(f"member{number}")
    assert count() == few


def test_system_administrator_sees_mails_without_text_and_address(desk: Desk, invited: User) -> None:
    mail = OutgoingMail.objects.get(to=invited.email)
    page = text_of(desk.get(f"/admin/mail/outgoingmail/{mail.pk}/change/"))
    assert ("n***@office.example.jp" in page, invited.email in page, "アカウントを用意しました" in page) == (True, False, False)


# --- the operator's command ----------------------------------------------------------------------------------------------


def test_first_system_administrator_comes_by_the_command(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite_staff", "--system-administrator", "first@office.example.jp")
    user = User.objects.get()
    assert capsys.readouterr().out.strip() == address_of(user)
    assert (user.username, user.role, user.is_superuser) == ("first", "システム管理者", False)
    assert AuditEntry.objects.get().door == "manage.py invite_staff"
    with pytest.raises(CommandError):
        call_command("invite_staff", "--system-administrator", "first@office.example.jp")
