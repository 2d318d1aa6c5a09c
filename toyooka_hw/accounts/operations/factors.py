"""The second factor: the app that shows codes, and ten recovery codes. django-otp keeps and judges both.

Recovery codes are kept as keyed digests, so neither the database nor a copy of it tells them.
"""

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from toyooka_hw.accounts.models import User
from toyooka_hw.audit.operations import record

CODES = 10
CODE_LENGTH = 10
FEW_CODES = 3
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another on paper
_TOLERANCE = 1  # steps of 30 seconds to either side


class WrongFactorCode(Exception):
    """The six digits do not belong to the key that was to be enrolled, or are out of date."""


def device_for(user: User, key: str) -> TOTPDevice:
    """The device as it would be enrolled with this key; not saved."""
    return TOTPDevice(user=user, name="認証アプリ", key=key, tolerance=_TOLERANCE, confirmed=True)


def new_key() -> str:
    """A fresh key for an app, in hex."""
    return str(default_key())


@transaction.atomic
def enrol(user: User, *, key: str, code: str, wall: datetime) -> list[str]:
    """Make the app with this key the account's only one, and give it fresh recovery codes, which only this answer tells.

    The code shows that the app holds the key; it is used up. Raises WrongFactorCode.
    """
    device = device_for(user, key)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = wall.timestamp()
    if not (code.isascii() and code.isdecimal() and totp.verify(int(code), _TOLERANCE)):
        raise WrongFactorCode
    forget_factors(user)
    device.last_t, device.drift = totp.t(), totp.drift
    device.save()
    return fresh_codes(user)


def forget_factors(user: User) -> None:
    """Remove the account's app and recovery codes."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def fresh_codes(user: User) -> list[str]:
    """Ten new recovery codes in place of the old ones; nobody can read them again later."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="回復コード")
    codes = ["".join(secrets.choice(_SIGNS) for _sign in range(CODE_LENGTH)) for _code in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=digest(user, code)) for code in codes)
    return codes


def codes_left(user: User) -> int:
    """How many recovery codes are still good."""
    return StaticToken.objects.filter(device__user=user).count()


def plain(typed: str) -> str:
    """A code as the portal compares it: width, case, spaces and hyphens do not matter."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).lower() if sign.isalnum())


def digest(user: User, code: str) -> str:
    """What is kept of a recovery code: 64 keyed bits, as many as the library's column holds."""
    return hmac.new(settings.SECRET_KEY.encode(), f"recovery:{user.pk}:{code}".encode(), hashlib.sha256).hexdigest()[:16]


@transaction.atomic
def renew_device(user: User, *, key: str, code: str, now: datetime, wall: datetime) -> list[str]:
    """A member of staff changes their own app; the old recovery codes go with it. Raises WrongFactorCode."""
    codes = enrol(user, key=key, code=code, wall=wall)
    record(_("認証アプリを登録し直す"), user, by=user, now=now)
    return codes


@transaction.atomic
def renew_codes(user: User, *, now: datetime) -> list[str]:
    """A member of staff makes new recovery codes for themselves."""
    codes = fresh_codes(user)
    record(_("回復コードを作り直す"), user, by=user, now=now)
    return codes
