"""System checks: an unsafe or half-configured production refuses to start, in words."""

import sys
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import SystemCheckError
from django.http.request import split_domain_port, validate_host

REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "HW.E001",
    "OFFICE_PHONE": "HW.E002",
    "ZOOM_ACCOUNT_ID": "HW.E003",
    "ZOOM_CLIENT_ID": "HW.E004",
    "ZOOM_CLIENT_SECRET": "HW.E005",
    "ZOOM_WEBHOOK_SECRET": "HW.E014",
}
# These have defaults that lead nowhere; ``settings.UNSET`` names those that the environment left out.
ADDRESSES = {
    "PORTAL_URL": "HW.E007",
    "DATABASE_URL": "HW.E008",
    "REDIS_URL": "HW.E009",
    "EMAIL_URL": "HW.E010",
    "ALLOWED_HOSTS": "HW.E011",
    "TRUSTED_PROXIES": "HW.E016",
    "DEFAULT_FROM_EMAIL": "HW.E021",
}
SECRET_LENGTH = 50


@register(Tags.security)
def production_is_complete(**kwargs: Any) -> list[CheckMessage]:
    """Outside a demo every required value is set."""
    if settings.DEMO:
        return []
    missing = {name: check_id for name, check_id in REQUIRED_IN_PRODUCTION.items() if not _is_set(name)}
    missing |= {name: check_id for name, check_id in ADDRESSES.items() if name in settings.UNSET}
    return [
        Error(f"{name} is not set.", hint=f"Set the environment variable {name}; .env.example describes it.", id=check_id)
        for name, check_id in missing.items()
    ]


@register(Tags.security)
def production_is_safe(**kwargs: Any) -> list[CheckMessage]:
    """Outside a demo nothing is shown that only developers should see, and personal links travel encrypted and signed with a secret."""
    if settings.DEMO:
        return []
    unsafe = {
        "HW.E012": (settings.DEBUG, "DEBUG is on outside a demo.", "Unset DEBUG: its pages show settings and personal data."),
        "HW.E013": (
            not settings.PORTAL_URL.startswith("https://"),
            "PORTAL_URL is not https.",
            "Mails carry personal links below PORTAL_URL.",
        ),
        "HW.E015": (
            not settings.SECURE_TLS,
            "SECURE_TLS is off outside a demo.",
            "Unset SECURE_TLS: cookies would travel in the clear. TLS ends at the proxy.",
        ),
        "HW.E018": (
            _is_set("SECRET_KEY") and len(settings.SECRET_KEY) < SECRET_LENGTH,
            f"SECRET_KEY has fewer than {SECRET_LENGTH} characters.",
            "Personal links and sessions are signed with it: draw a long one at random.",
        ),
        "HW.E019": (
            "*" in settings.ALLOWED_HOSTS,
            "ALLOWED_HOSTS admits every name.",
            "Name the portal's own hosts only.",
        ),
        "HW.E022": (
            not validate_host(split_domain_port(urlsplit(settings.PORTAL_URL).netloc)[0], settings.ALLOWED_HOSTS),
            "ALLOWED_HOSTS lacks the host of PORTAL_URL.",
            "Name it there: health checks and everybody who follows a mail ask under it, and would be refused.",
        ),
    }
    return [Error(words, hint=hint, id=check_id) for check_id, (is_unsafe, words, hint) in unsafe.items() if is_unsafe]


@register(Tags.security)
def networks_are_networks(**kwargs: Any) -> list[CheckMessage]:
    """Whoever is trusted with the addresses of all others, and whence the staff come, is named by address or network, and is not the whole world."""
    named = {"TRUSTED_PROXIES": "HW.E017", "STAFF_NETWORKS": "HW.E020"}
    hint = "Name addresses or networks (10.0.0.5, 172.30.0.0/24), never all of them."
    return [
        Error(f"{name} holds {each}.", hint=hint, id=check_id)
        for name, check_id in named.items()
        for each in getattr(settings, name)
        if not _names_few(each)
    ]


def _names_few(network: str) -> bool:
    try:
        return ip_network(network).prefixlen > 0
    except ValueError:
        return False


def _is_set(name: str) -> bool:
    try:
        return bool(getattr(settings, name))
    except ImproperlyConfigured:  # how Django answers for an empty SECRET_KEY
        return False


@register(Tags.security)
def production_keeps_real_time(**kwargs: Any) -> list[CheckMessage]:
    """Only a demo may shift the clock."""
    if settings.DEMO or not settings.CLOCK_SOURCE:
        return []
    return [
        Error("CLOCK_SOURCE is set outside a demo.", hint="Unset CLOCK_SOURCE: a shifted clock belongs to the demo only.", id="HW.E006")
    ]


def refuse_unsafe_start(**kwargs: Any) -> None:
    """Refuse to begin in a half-configured production, before anybody is served. Raises SystemCheckError."""
    if settings.DEMO:
        return
    errors = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    if errors:
        raise SystemCheckError("\n".join(f"{error.id}: {error.msg} {error.hint or ''}" for error in errors))


def end_unsafe_start(**kwargs: Any) -> None:
    """The same for Celery's signals, which only log what a receiver raises, unless it is the end of the process."""
    try:
        refuse_unsafe_start()
    except SystemCheckError as refusal:
        sys.exit(str(refusal))
