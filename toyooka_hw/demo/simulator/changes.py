"""What becomes of a meeting itself, by a call or by hand at Zoom's own pages. Each function does it and returns the messages.

``by``: who does it, the app's owner for calls. ``forced``: settings that win over what was asked.
"""

from datetime import datetime
from typing import Any

from toyooka_hw.demo.simulator import fields
from toyooka_hw.demo.simulator.happenings import Messages
from toyooka_hw.demo.simulator.messages import about_existence, about_update
from toyooka_hw.demo.simulator.state import Meeting

OWNER = "owner@zoom.example.jp"  # of the app
_TOLD_OF_A_NEW_ONE = ("use_pmi", "alternative_hosts", "join_before_host", "jbh_time")


def making(meeting: Meeting, join_url: str) -> Messages:
    """A meeting was made."""
    settings = {name: meeting.settings[name] for name in _TOLD_OF_A_NEW_ONE}
    return [about_existence("meeting.created", meeting, OWNER, join_url=join_url, password=meeting.fields["password"], settings=settings)]


def changing(meeting: Meeting, body: dict[str, Any], forced: dict[str, Any], now: datetime, by: str = OWNER) -> Messages:
    """Change what was sent. A start in the past is passed over in silence; where nothing is different afterwards, nothing is told."""
    old = {**meeting.fields, "settings": meeting.settings}
    if fields.start_time(body, now) > fields.as_text(now):
        meeting.fields["start_time"] = fields.start_time(body, now)
    meeting.fields |= {name: body[name] for name in ("topic", "agenda", "timezone", "duration") if name in body}
    if body.get("password", meeting.fields["password"]) != meeting.fields["password"]:
        meeting.change_password(body["password"])
    meeting.settings = fields.settings(body.get("settings", {}), meeting.settings, meeting.fields["password"], forced)
    new = {**meeting.fields, "settings": meeting.settings}
    return [about_update(meeting, _different(old, new), _different(new, old), by)] if old != new else []


def deleting(meeting: Meeting, by: str = OWNER) -> Messages:
    """Take the meeting away."""
    meeting.deleted = True
    return [about_existence("meeting.deleted", meeting, by)]


def recovering(meeting: Meeting) -> Messages:
    """Bring a deleted meeting back."""
    if not meeting.deleted:
        return []
    meeting.deleted = False
    return [about_existence("meeting.recovered", meeting, OWNER)]


def _different(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What of the one is not so in the other, settings one by one."""
    found = {name: value for name, value in one.items() if other.get(name) != value}
    if "settings" in found:
        found["settings"] = _different(one["settings"], other["settings"])
    return found
