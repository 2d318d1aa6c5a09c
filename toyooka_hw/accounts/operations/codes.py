"""Codes that prove a mailbox, not a person."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from toyooka_hw import counter
from toyooka_hw.accounts.models import EmailCode
from toyooka_hw.mail.operations import post

CODES_COUNTED_FOR = timedelta(hours=1)
CODE_VALID = timedelta(minutes=10)
CODE_TRIES = 5
CODES_PER_HOUR = 5
CODES_PER_CLIENT_AND_HOUR = 60  # generous: a library or a carrier stands behind one address


class TooManyCodes(Exception):
    """For this mailbox, or from this network address, too many codes were asked for within the hour."""


class WrongCode(Exception):
    """The code is wrong, used, out of date or unknown; which of these is nobody's business."""


class CodeExhausted(Exception):
    """Five wrong tries: this code is dead."""


def send_code(email: str, *, client: str, now: datetime, wall: datetime) -> EmailCode:
    """Send a fresh six-digit code to the mailbox; it is good for ten minutes, five tries and one use.

    The answer is the same whether the address is known or not. ``client``: the network address that asks. Raises TooManyCodes.
    """
    if counter.times("codes", client, within=CODES_COUNTED_FOR, wall=wall) > CODES_PER_CLIENT_AND_HOUR:
        raise TooManyCodes
    if EmailCode.objects.filter(email=email, sent_at__gt=wall - timedelta(hours=1)).count() >= CODES_PER_HOUR:
        raise TooManyCodes
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        row = EmailCode.objects.create(email=email, digest=_digest(email, code), sent_at=wall, expires_at=wall + CODE_VALID)
        post("code", to=email, key=f"code:{row.pk}", now=now, wall=wall, context={"code": code}, secrets=[code], in_order=False)
    return row


def check_code(email: str, code: str, *, wall: datetime) -> None:
    """Use up the newest code of this mailbox. Raises WrongCode or CodeExhausted; counts the try in either case."""
    newest = EmailCode.objects.filter(email=email).order_by("-sent_at", "-pk").first()
    if newest is None or newest.used_at or newest.expires_at <= wall:
        raise WrongCode
    open_code = EmailCode.objects.filter(pk=newest.pk, used_at=None, tries__lt=CODE_TRIES)
    if not open_code.update(tries=F("tries") + 1):
        raise CodeExhausted
    if not hmac.compare_digest(newest.digest, _digest(email, code)):
        raise WrongCode
    if not EmailCode.objects.filter(pk=newest.pk, used_at=None).update(used_at=wall):
        raise WrongCode


def forget_codes(*, wall: datetime) -> int:
    """Delete codes a day after they were sent."""
    deleted, _ = EmailCode.objects.filter(sent_at__lt=wall - timedelta(days=1)).delete()
    return deleted


def _digest(email: str, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{email}:{code}".encode(), hashlib.sha256).hexdigest()
