"""Translates between our meeting and Zoom's JSON, and judges whether Zoom made what was asked. Pure."""

import re
from datetime import UTC, datetime
from typing import Any

from booking.video.port import Marked, MeetingInfo, MeetingSpec, Standing

TIMEZONE = "Asia/Tokyo"
_SCHEDULED = 2
_LICENSED = 2
_NO_REGISTRATION = 2
_REFERENCE = re.compile(r"\bref:([A-Za-z0-9_-]{1,40})")

# Everything is sent, because what is left out follows the host's or the account's defaults, AI summaries and kept chats included.
SETTINGS: dict[str, Any] = {
    "waiting_room": True,
    "join_before_host": False,
    "jbh_time": 0,
    "meeting_authentication": False,
    "auto_recording": "none",
    "host_video": True,
    "participant_video": False,
    "mute_upon_entry": False,
    "audio": "voip",
    "use_pmi": False,
    "approval_type": _NO_REGISTRATION,
    "alternative_hosts_email_notification": False,
    "email_notification": False,
    "email_in_attendee_report": False,
    "watermark": False,
    "private_meeting": True,
    # end-to-end encryption would lock out everybody who joins from a browser
    "encryption_type": "enhanced_encryption",
    "continuous_meeting_chat": {"enable": False},
    "auto_start_meeting_summary": False,
    "auto_start_ai_companion_questions": False,
    "question_and_answer": {"enable": False},
    "language_interpretation": {"enable": False},
    "sign_language_interpretation": {"enable": False},
    "breakout_room": {"enable": False},
    "allow_host_control_participant_mute_state": False,
    "device_testing": False,
    "participant_focused_meeting": False,
    "internal_meeting": False,
    "focus_mode": False,
}

# What a seminar asks for beside it; the waiting room is the office's policy. Chat and the names of the others cannot be set by meeting: they are the account's.
FOR_MANY: dict[str, Any] = {"mute_upon_entry": True}

# A locked setting of the account wins silently, so these are read back. An answer silent about the first ones is not believed either;
# the others are missing where an account does not have the feature.
_MUST_AGREE = ("waiting_room", "join_before_host", "auto_recording")
_MUST_NOT_DISAGREE = (
    "auto_start_meeting_summary",
    "auto_start_ai_companion_questions",
    "continuous_meeting_chat",
    "use_pmi",
    "meeting_authentication",
)


def meeting_body(spec: MeetingSpec) -> dict[str, Any]:
    """Return the JSON of a create or update request."""
    return {
        "type": _SCHEDULED,
        "topic": spec.topic,
        "agenda": f"ref:{spec.reference}",
        "start_time": _zoom_time(spec.starts_at),
        "timezone": TIMEZONE,
        "duration": spec.minutes,
        "password": spec.passcode,
        "settings": _settings(spec),
    }


def _settings(spec: MeetingSpec) -> dict[str, Any]:
    return {**SETTINGS, **(FOR_MANY if spec.for_many else {}), "waiting_room": spec.waiting_room}


def _zoom_time(moment: datetime) -> str:
    # Zoom reads an offset as UTC and puts "now" for anything it cannot read: whole seconds with Z are the one safe form
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def meeting_info(answer: dict[str, Any], host: str) -> MeetingInfo:
    """Return the meeting of Zoom's answer; ``host`` stands in where the answer names none. Raises ValueError for an incomplete answer."""
    try:
        return MeetingInfo(
            meeting_id=int(answer["id"]),
            host=answer.get("host_email") or host,
            join_url=_text(answer, "join_url"),
            passcode=answer.get("password") or "",
            starts_at=_moment(_text(answer, "start_time")),
            status="started" if answer.get("status") == "started" else "waiting",
            reference=reference_in(answer),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"incomplete meeting: {error}") from None


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is not a text")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("start_time without a zone")
    return moment.astimezone(UTC)


def reference_in(answer: dict[str, Any]) -> str:
    """Return our reference out of a meeting's agenda, "" if it bears none."""
    found = _REFERENCE.search(str(answer.get("agenda") or ""))
    return found[1] if found else ""


def mark_of(item: dict[str, Any], host: str) -> Marked | None:
    """Return a listed meeting that bears a mark of ours; None for everybody else's, and for one the list does not describe."""
    reference = reference_in(item)
    try:
        return Marked(int(item["id"]), host, reference, _moment(_text(item, "start_time"))) if reference else None
    except (KeyError, TypeError, ValueError):
        return None


def standing_of(answer: dict[str, Any]) -> Standing:
    """Return what Zoom's record of a user says: only an active one with a licence holds meetings of more than forty minutes."""
    if answer.get("status", "active") != "active":
        return Standing.INACTIVE
    return Standing.LICENSED if answer.get("type") == _LICENSED else Standing.BASIC


def differences(answer: dict[str, Any], spec: MeetingSpec) -> list[str]:
    """Return the names of the fields in which Zoom's meeting is not as specified."""
    wanted = meeting_body(spec)
    compared = ("topic", "agenda", "duration", "password")
    return [name for name in compared if answer.get(name) != wanted[name]] + _other_start(answer, spec)


def breaches(answer: dict[str, Any], spec: MeetingSpec) -> list[str]:
    """Return what makes the meeting unfit to be used: another start, no passcode, or unsafe settings."""
    return _other_start(answer, spec) + ([] if answer.get("password") else ["password"]) + unsafe_settings(answer, spec)


def _other_start(answer: dict[str, Any], spec: MeetingSpec) -> list[str]:
    try:
        same = _moment(_text(answer, "start_time")) == spec.starts_at.astimezone(UTC).replace(microsecond=0)
    except (KeyError, TypeError, ValueError):
        same = False
    return [] if same else ["start_time"]


def unsafe_settings(answer: dict[str, Any], spec: MeetingSpec) -> list[str]:
    """Return the names of the settings that Zoom, or somebody at Zoom's pages, made unsafe. A waiting room that nobody asked for is not."""
    given, wanted = answer.get("settings") or {}, _settings(spec)
    silent = [name for name in _MUST_AGREE if name not in given]
    wrong = [name for name in (*_MUST_AGREE, *_MUST_NOT_DISAGREE) if name in given and not _agrees(wanted[name], given[name])]
    return silent + [name for name in wrong if name != "waiting_room" or spec.waiting_room]


def _agrees(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(given, dict) and all(given.get(name) == value for name, value in wanted.items())
    return bool(wanted == given)
