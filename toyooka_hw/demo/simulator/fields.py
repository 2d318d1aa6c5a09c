"""How Zoom reads the body of a create or update request, with its habits."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from toyooka_hw.demo.simulator.errors import invalid

ACCOUNT_ZONE = "Asia/Tokyo"
_GMT_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_PASSWORD = re.compile(r"[A-Za-z0-9@\-_*!,#]{0,10}")
_TEXT_LENGTHS = {"topic": 200, "agenda": 2000}
_SETTING_CHOICES = {
    "auto_recording": ("local", "cloud", "none"),
    "audio": ("both", "telephony", "voip", "thirdParty"),
    "approval_type": (0, 1, 2),
    "jbh_time": (0, 5, 10, 15),
    "encryption_type": ("enhanced_encryption", "e2ee"),
}
SCHEDULED = 2

# What a meeting gets that asks for nothing: an account whose administrator likes novelties.
ACCOUNT_DEFAULTS: dict[str, Any] = {
    "waiting_room": True,
    "join_before_host": False,
    "jbh_time": 0,
    "meeting_authentication": False,
    "auto_recording": "none",
    "host_video": False,
    "participant_video": False,
    "mute_upon_entry": False,
    "audio": "both",
    "use_pmi": False,
    "approval_type": 2,
    "alternative_hosts": "",
    "alternative_hosts_email_notification": True,
    "email_notification": True,
    "watermark": False,
    "private_meeting": False,
    "encryption_type": "enhanced_encryption",
    "continuous_meeting_chat": {"enable": True},
    "auto_start_meeting_summary": True,
    "auto_start_ai_companion_questions": True,
    "question_and_answer": {"enable": True},
    "language_interpretation": {"enable": False},
    "sign_language_interpretation": {"enable": False},
    "breakout_room": {"enable": False},
    "device_testing": False,
    "participant_focused_meeting": False,
    "internal_meeting": False,
    "focus_mode": False,
}


def checked(body: Any) -> dict[str, Any]:
    """Return the body if Zoom would take it. Raises ZoomError with code 300."""
    if not isinstance(body, dict):
        raise invalid("body")
    wrong = [name for name, most in _TEXT_LENGTHS.items() if not isinstance(body.get(name, ""), str) or len(body.get(name, "")) > most]
    if body.get("type", SCHEDULED) != SCHEDULED:
        wrong.append("type")
    if not isinstance(body.get("duration", 60), int):
        wrong.append("duration")
    if not _PASSWORD.fullmatch(str(body.get("password", ""))):
        wrong.append("password")
    wrong += _wrong_settings(body.get("settings", {}))
    if wrong:
        raise invalid(*wrong)
    return body


def _wrong_settings(given: Any) -> list[str]:
    if not isinstance(given, dict):
        return ["settings"]
    return [f"settings.{name}" for name, choices in _SETTING_CHOICES.items() if name in given and given[name] not in choices]


def start_time(body: dict[str, Any], now: datetime) -> str:
    """Return the start as Zoom understands it, as UTC with Z: what it cannot read (an offset, say) silently becomes now."""
    text = str(body.get("start_time", ""))
    if _GMT_TIME.fullmatch(text):
        return text
    moment = now
    if _LOCAL_TIME.fullmatch(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=zone(body.get("timezone")))
    return as_text(moment)


def zone(name: str | None) -> ZoneInfo:
    """Return the zone of this name, the account's if there is none. Raises ZoomError with code 300."""
    try:
        return ZoneInfo(name or ACCOUNT_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid("timezone") from None


def as_text(moment: datetime) -> str:
    """Return a moment as Zoom writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def settings(given: dict[str, Any], before: dict[str, Any], password: str, forced: dict[str, Any]) -> dict[str, Any]:
    """Return the settings a meeting ends up with: a waiting room rules out joining before the host, no passcode forces one, and over all of
    this go the settings that are ``forced``.
    """
    merged = {**before, **{name: value for name, value in given.items() if name in ACCOUNT_DEFAULTS}}
    if not password:
        merged["waiting_room"] = True
    if merged["waiting_room"]:
        merged["join_before_host"] = False
    return {**merged, **forced}
