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
}


@register(Tags.security)
def production_is_complete(**kwargs: Any) -> list[CheckMessage]:
    """Outside a demo every required value is set."""
    if settings.DEMO:
        return []
    return [
        Error(f"{name} is not set.", hint=f"Set the environment variable {name}; .env.example describes it.", id=check_id)
        for name, check_id in REQUIRED_IN_PRODUCTION.items()
        if not _is_set(name)
    ]


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
