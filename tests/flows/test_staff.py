"""Somebody joins the staff: invited by mail, in by a second factor, locked out and let in again, out when they leave the desk (issue point 9)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django_otp.oath import totp
from pytest_django import Settings

from tests.flows.at_work import BOOKINGS, Colleague, mails_to
from tests.pages import submit
from tests.stories import Story
from tests.visitor import at_time, text_of
from toyooka_hw import clock
from toyooka_hw.accounts.lockout import FREE_TRIES
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.models import AuditEntry

pytestmark = pytest.mark.flow
NAKAMURA = {"username": "nakamura", "display_name": "中村", "email": "nakamura@office.example.jp", "role": "相談員"}
PASSWORD = "correct horse battery"


def link_in(story: Story) -> str:
    """The path of the link that was mailed."""
    mail = mails_to(story, NAKAMURA["email"])[-1]
    found = re.search(rf"{re.escape(django_settings.PORTAL_URL)}(/admin/welcome/\S+)", mail.text)
    assert found
    return found[1]


def set_up(client: Client, address: str) -> list[str]:
    """Choose a password, scan the code, type what the app shows; the recovery codes."""
    page = client.get(address)
    shown = totp(bytes.fromhex(page.context["form"].shown_key))
    done = submit(client, page, password=PASSWORD, password_again=PASSWORD, code=f"{shown:06}")
    return re.findall(r"<code>(\w{5}-\w{5})</code>", done.content.decode())


def log_in(client: Client, **typed: str) -> Any:
    page = client.get("/admin/login/?next=/admin/me/")
    return submit(client, page, action="login", **{"username": "nakamura", "password": PASSWORD, **typed})


def test_from_the_invitation_to_the_desk_and_out_again(story: Story, colleague: Callable[[str], Colleague], settings: Settings) -> None:
    settings.STAFF_IDLE, settings.STAFF_SESSION = timedelta(minutes=30), timedelta(hours=10)
    system = colleague("システム管理者")
    assert "設定のリンクを送りました。" in text_of(system.fill(system.look("/admin/accounts/user/invite/"), **NAKAMURA))
    assert colleague("相談員").client.get("/admin/accounts/user/invite/").status_code == 403
    address = link_in(story)
    codes = set_up(Client(), address)
    assert (len(codes), Client().get(address).status_code) == (10, 404)

    desk = Client()
    assert log_in(desk, otp_token="000000").status_code == 200
    page = log_in(desk, otp_token=codes[0])
    assert "回復コードを1つ使いました。残りは9個です。" in text_of(page)
    assert desk.get(f"{BOOKINGS}inbox/").status_code == 200
    assert "ログイン" in text_of(log_in(Client(), otp_token=codes[0]))  # each opens once

    with at_time(clock.wall() + timedelta(minutes=31)):
        left = desk.get(f"{BOOKINGS}inbox/")
        shown = desk.get(left.headers["Location"])
    assert (left.status_code, "why=idle" in left.headers["Location"], shown.status_code) == (302, True, 200)
    told = [entry.what for entry in AuditEntry.objects.filter(by__username="nakamura").order_by("pk")]
    assert told == ["ログインの設定をする", "ログインの失敗", "回復コードでログインする", "ログインの失敗"]


def test_lock_after_wrong_passwords_is_lifted_by_the_administrator(story: Story, colleague: Callable[[str], Colleague]) -> None:
    system = colleague("システム管理者")
    system.fill(system.look("/admin/accounts/user/invite/"), **NAKAMURA)
    codes = set_up(Client(), link_in(story))
    client = Client()
    answers = [log_in(client, password="wrong", otp_token="000000").status_code for _ in range(FREE_TRIES)]
    assert (answers[-1], log_in(client, otp_token=codes[0]).status_code) == (429, 429)
    user = User.objects.get(username="nakamura")
    account = f"/admin/accounts/user/{user.pk}/"
    assert "ログインの一時停止を解く" in text_of(system.look(f"{account}change/"))
    assert "一時停止を解きました。" in text_of(system.fill(system.look(f"/admin/accounts/user/{user.pk}/act/unlock/")))
    assert "残りは9個です。" in text_of(log_in(client, otp_token=codes[0]))
    assert AuditEntry.objects.filter(by=system.user).latest("pk").subject == "職員 nakamura"
