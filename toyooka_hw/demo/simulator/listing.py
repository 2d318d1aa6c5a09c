"""Meetings as Zoom's answers show them: one in full, many in pages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from toyooka_hw.demo.simulator.errors import invalid
from toyooka_hw.demo.simulator.fields import zone
from toyooka_hw.demo.simulator.state import Meeting, host_id

_LISTED_AGENDA = 250
_LARGEST_PAGE = 300
_USUAL_PAGE = 30


def full(meeting: Meeting, now: datetime, address: str) -> dict[str, Any]:
    """Return everything about one meeting, with a fresh host link."""
    return {
        **_brief(meeting, address),
        **meeting.fields,
        "host_email": meeting.host,
        "status": meeting.status,
        "start_url": f"{address}s/{meeting.meeting_id}?zak={meeting.new_host_key(now)}",
        "encrypted_password": meeting.door,
        "settings": meeting.settings,
        "pre_schedule": False,
        "creation_source": "open_api",
    }


def _brief(meeting: Meeting, address: str) -> dict[str, Any]:
    shown = ("topic", "type", "start_time", "duration", "timezone")
    return {
        "id": meeting.meeting_id,
        "uuid": meeting.uuid,
        "host_id": host_id(meeting.host),
        "created_at": meeting.created_at,
        "join_url": join_url(meeting, address),
        "agenda": meeting.fields["agenda"][:_LISTED_AGENDA],
        **{name: meeting.fields[name] for name in shown},
    }


def join_url(meeting: Meeting, address: str) -> str:
    """Return the link by which guests come."""
    return f"{address}j/{meeting.meeting_id}?pwd={meeting.door}"


def page(meetings: list[Meeting], query: Mapping[str, str], now: datetime, address: str) -> dict[str, Any]:
    """Return one page of the meetings that the query asks for. Raises ZoomError with code 300 for a query Zoom would refuse."""
    chosen = sorted((each for each in meetings if _asked_for(each, query, now)), key=lambda each: each.starts_at)
    size, first = _number(query, "page_size", _USUAL_PAGE), _number(query, "next_page_token", 0)
    if size > _LARGEST_PAGE:
        raise invalid("page_size")
    last = first + size
    return {
        "page_size": size,
        "total_records": len(chosen),
        "next_page_token": str(last) if last < len(chosen) else "",
        "meetings": [_brief(each, address) for each in chosen[first:last]],
    }


def _asked_for(meeting: Meeting, query: Mapping[str, str], now: datetime) -> bool:
    start = meeting.starts_at.astimezone(zone(query.get("timezone"))).date()
    earliest, latest = _day(query, "from", date.min), _day(query, "to", date.max)
    live, ahead = meeting.status == "started", meeting.starts_at > now
    of_type = {
        "scheduled": True,
        "live": live,
        "upcoming": live or ahead,
        "upcoming_meetings": live or ahead,
        "previous_meetings": not live and not ahead,
    }.get(query.get("type", "scheduled"))
    if of_type is None:
        raise invalid("type")
    return of_type and earliest <= start <= latest


def _day(query: Mapping[str, str], name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(query[name]) if name in query else otherwise
    except ValueError:
        raise invalid(name) from None


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name) or str(otherwise)
    if not text.isdecimal():
        raise invalid(name)
    return int(text)
