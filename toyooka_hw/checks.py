"""System checks: an unsafe or half-configured production refuses to start, in words."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import SystemCheckError

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
}


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
    """Outside a demo nothing is shown that only developers should see, and personal links travel encrypted."""
    errors: list[CheckMessage] = []
    if not settings.DEMO and settings.DEBUG:
        errors.append(Error("DEBUG is on outside a demo.", hint="Unset DEBUG: its pages show settings and personal data.", id="HW.E012"))
    if not settings.DEMO and not settings.PORTAL_URL.startswith("https://"):
        errors.append(Error("PORTAL_URL is not https.", hint="Mails carry personal links below PORTAL_URL.", id="HW.E013"))
    return errors


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
    """Stop a web or worker process of a half-configured production before it serves anybody. Raises SystemCheckError."""
    if settings.DEMO:
        return
    errors = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    if errors:
        raise SystemCheckError("\n".join(f"{error.id}: {error.msg} {error.hint or ''}" for error in errors))
