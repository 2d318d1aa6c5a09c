"""The demo's members of staff. Their passwords are no secret; production has neither these accounts nor this app."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django_otp.oath import hotp

PASSWORD = "toyooka-demo-2027"  # noqa: S105 - printed at every start of the demo
CODE_SECONDS = 30


@dataclass(frozen=True)
class DemoStaff:
    """One account; `role` is the name of its group, `counsels` whether it holds sessions."""

    username: str
    display_name: str
    role: str
    counsels: bool


DEMO_STAFF = (
    DemoStaff("sato", "佐藤", "相談員", counsels=True),
    DemoStaff("tanaka", "田中", "相談員", counsels=True),
    DemoStaff("ueda", "上田", "相談員", counsels=True),
    DemoStaff("kanri", "管理", "管理者", counsels=False),
    DemoStaff("system", "情報", "システム管理者", counsels=False),
    DemoStaff("kansa", "監査", "監査", counsels=False),
)


def totp_key(username: str) -> str:
    """The key of the account's second factor, in hex, as django-otp keeps it."""
    return hashlib.sha1(f"toyooka-demo:{username}".encode(), usedforsecurity=False).hexdigest()


def live_code(username: str, at: datetime) -> str:
    """The six digits of the account's second factor at this moment of real time."""
    counter = int(at.timestamp()) // CODE_SECONDS
    return f"{hotp(bytes.fromhex(totp_key(username)), counter):06d}"


def seconds_left(at: datetime) -> int:
    """For how many seconds more the codes of this moment are valid."""
    return CODE_SECONDS - int(at.timestamp()) % CODE_SECONDS
