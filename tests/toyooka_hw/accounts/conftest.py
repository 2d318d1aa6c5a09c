"""Members of staff in their roles, and the app that shows codes."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.cast import MORNING
from tests.visitor import at_time
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.accounts.operations.roles import SYSTEM_ADMINISTRATOR
from toyooka_hw.accounts.operations.staff import invite

PASSWORD = "correct horse battery"
WHO = {"username": "nakamura", "display_name": "中村", "email": "nakamura@office.example.jp", "role": "相談員"}
Colleague = Callable[..., User]


@pytest.fixture
def colleague(db: None) -> Colleague:
    """A member of staff with password and app, in one of the roles."""
    ensure_roles()

    def make(username: str = "sakai", role: str = "相談員") -> User:
        email = f"{username}@office.example.jp"
        user = User.objects.create_user(username, email, PASSWORD, display_name=username, is_staff=True, date_joined=MORNING)
        user.groups.set([Group.objects.get(name=role)])
        TOTPDevice.objects.create(user=user, name="認証アプリ", confirmed=True)
        return user

    return make


@pytest.fixture
def system(colleague: Colleague) -> User:
    """The system administrator."""
    return colleague("system", SYSTEM_ADMINISTRATOR)


@pytest.fixture
def invited(system: User) -> User:
    """Somebody invited this morning who has not set anything up yet."""
    return invite(**WHO, by=system, now=MORNING, wall=MORNING)


def code_now(key: str) -> str:
    """What an app with this key shows now; inside ``at_time``."""
    return f"{totp(bytes.fromhex(key)):06}"


def log_in(user: User, client: Client | None = None, **typed: str) -> tuple[Client, object]:
    """Through the login form, with the code of the app unless something else is typed; inside ``at_time``."""
    client = client or Client()
    device = TOTPDevice.objects.filter(user=user).first()
    values = {"username": user.username, "password": PASSWORD, "next": "/admin/me/"}
    values |= {"otp_token": code_now(device.key)} if device else {}
    return client, client.post("/admin/login/", values | typed)


__all__ = ["MORNING", "PASSWORD", "WHO", "Colleague", "at_time", "code_now", "colleague", "invited", "log_in", "system"]
