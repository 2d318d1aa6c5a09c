"""Signing in by a code sent to the mailbox, and what staff record about a person."""

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from redis.exceptions import RedisError

from toyooka_hw.accounts.models import EmailCode, Person, Role, User
from toyooka_hw.mail.operations import post

logger = logging.getLogger(__name__)

_READ = (
    "accounts.view_person",
    "mail.view_outgoingmail",
    "booking.view_absence",
    "booking.view_booking",
    "booking.view_closure",
    "booking.view_counsellor",
    "booking.view_dutyhours",
    "booking.view_hold",
    "booking.view_meeting",
    "booking.view_policyvalue",
    "booking.view_zoomhost",
    "consent.view_changenotice",
    "consent.view_consent",
    "consent.view_consentwithdrawal",
    "consent.view_ministryrecord",
    "consent.view_termsdocument",
    "consent.view_termsversion",
)
_DAILY_WORK = (
    "accounts.change_person",
    "mail.change_outgoingmail",
    "booking.add_absence",
    "booking.delete_absence",
    "booking.add_booking",
    "booking.change_booking",
    "booking.change_meeting",
    "consent.add_consentwithdrawal",
    "consent.add_ministryrecord",
)
_MANAGING = (
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "booking.add_closure",
    "booking.change_closure",
    "booking.delete_closure",
    "booking.add_counsellor",
    "booking.change_counsellor",
    "booking.add_dutyhours",
    "booking.change_dutyhours",
    "booking.add_policyvalue",
    "booking.add_zoomhost",
    "booking.change_zoomhost",
    "consent.add_termsversion",
    "consent.change_termsversion",
    "otp_totp.view_totpdevice",
    "otp_totp.add_totpdevice",
    "otp_totp.change_totpdevice",
    "otp_totp.delete_totpdevice",
)
# The groups of staff and what they may do in the admin.
ROLES = {"相談員": (*_READ, *_DAILY_WORK), "管理者": (*_READ, *_DAILY_WORK, *_MANAGING)}

CODES_COUNTED_FOR = timedelta(hours=1)
CODE_VALID = timedelta(minutes=10)
CODE_TRIES = 5
CODES_PER_HOUR = 5
CODES_PER_CLIENT_AND_HOUR = 60  # generous: a library or a carrier stands behind one address
OWNER_TRIES = 5


class TooManyCodes(Exception):
    """For this mailbox, or from this network address, too many codes were asked for within the hour."""


class WrongCode(Exception):
    """The code is wrong, used, out of date or unknown; which of these is nobody's business."""


class CodeExhausted(Exception):
    """Five wrong tries: this code is dead."""


class WrongDigits(Exception):
    """The last four digits do not match the phone number on record."""


class DigitsExhausted(Exception):
    """Five wrong tries: from now on only the office's phone helps."""


class MailboxKnown(Exception):
    """This address belongs to a person already on record."""


def send_code(email: str, *, client: str, now: datetime, wall: datetime) -> EmailCode:
    """Send a fresh six-digit code to the mailbox; it is good for ten minutes, five tries and one use.

    The answer is the same whether the address is known or not. ``client``: the network address that asks. Raises TooManyCodes.
    """
    if _too_many_from(client, wall=wall):
        raise TooManyCodes
    if EmailCode.objects.filter(email=email, sent_at__gt=wall - timedelta(hours=1)).count() >= CODES_PER_HOUR:
        raise TooManyCodes
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        row = EmailCode.objects.create(email=email, digest=_digest(email, code), sent_at=wall, expires_at=wall + CODE_VALID)
        post("code", to=email, key=f"code:{row.pk}", now=now, wall=wall, context={"code": code}, secrets=[code])
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


def person_of_mailbox(email: str, *, now: datetime) -> Person:
    """The job seeker whose mailbox was just proven; a new one where the mailbox is new. See ``Person.awaits_owner`` before trusting it."""
    person, _created = Person.objects.get_or_create(role=Role.JOB_SEEKER, email=email, defaults={"created_at": now, "email_proven_at": now})
    return person


def prove_owner(person: Person, digits: str, *, now: datetime) -> None:
    """The last four digits of the phone on record show that a mailbox typed by staff is its person's own; five tries, asked once.

    Raises WrongDigits, DigitsExhausted.
    """
    if not Person.objects.filter(pk=person.pk, owner_tries__lt=OWNER_TRIES).update(owner_tries=F("owner_tries") + 1):
        raise DigitsExhausted
    if not person.phone or person.phone[-4:] != digits:
        raise WrongDigits
    Person.objects.filter(pk=person.pk).update(email_proven_at=now, owner_tries=0)
    person.refresh_from_db()


def enter_person(*, full_name: str, email: str, now: datetime) -> Person:
    """A person whom staff enter; whoever has no mailbox gets a row of their own. Raises MailboxKnown where the address belongs to somebody."""
    if email and Person.objects.filter(role=Role.JOB_SEEKER, email=email).exists():
        raise MailboxKnown
    return Person.objects.create(role=Role.JOB_SEEKER, full_name=full_name, email=email, created_at=now)


def verify_person(person: Person, *, registered_phone: str, by: User, now: datetime) -> None:
    """Record that staff compared name, number and phone with the ministry's system (C2-1a)."""
    Person.objects.filter(pk=person.pk).update(registered_phone=registered_phone, verified_at=now, verified_by=by)
    person.refresh_from_db()


def forget_codes(*, wall: datetime) -> int:
    """Delete codes a day after they were sent."""
    deleted, _ = EmailCode.objects.filter(sent_at__lt=wall - timedelta(days=1)).delete()
    return deleted


def ensure_roles() -> None:
    """Create the two groups of staff, or bring their permissions up to date. An operator's command and the demo's seed call it."""
    for name, allowed in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        wanted = Q()
        for label, codename in (permission.split(".") for permission in allowed):
            wanted |= Q(content_type__app_label=label, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def _too_many_from(client: str, *, wall: datetime) -> bool:
    """Count this request of a network address within the clock hour; without an address or without Redis nobody is turned away."""
    if not client:
        return False
    key = f"codes:{wall:%Y%m%d%H}:{client}"
    try:
        cache.add(key, 0, timeout=CODES_COUNTED_FOR.total_seconds())
        return cache.incr(key) > CODES_PER_CLIENT_AND_HOUR
    except (RedisError, ValueError) as error:  # ValueError: the count ran out between the two
        logger.warning("accounts.codes_not_counted %s", type(error).__name__)
        return False


def _digest(email: str, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{email}:{code}".encode(), hashlib.sha256).hexdigest()
