"""Zoom's refusals, with its codes and words."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from toyooka_hw.demo.simulator.faults import Fault

OUTAGE_PAGE = "<html><body><h1>Service Temporarily Unavailable</h1></body></html>"

_LIMITS = {
    "second": "You have reached the maximum per-second rate limit for this API. Try again later.",
    "account_day": (
        "You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make "
        "another request."
    ),
    "host_day": (
        "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user. "
        "You may resume these requests at GMT 00:00:00."
    ),
}


class ZoomError(Exception):
    """One refusal as Zoom would send it."""

    def __init__(self, status: int, content: dict[str, Any] | str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, content)
        self.status = status
        self.content = content
        self.headers = headers or {}


def refused(status: int, code: int, message: str) -> ZoomError:
    """Return the usual shape: a code and a message."""
    return ZoomError(status, {"code": code, "message": message})


def invalid(*names: str) -> ZoomError:
    """Return what Zoom says of fields it cannot take."""
    errors = [{"field": name, "message": "Invalid field."} for name in names]
    return ZoomError(400, {"code": 300, "message": "Validation Failed.", "errors": errors})


def no_meeting(meeting_id: int) -> ZoomError:
    """Return what Zoom says of a meeting that is not there."""
    return refused(404, 3001, f"Meeting does not exist: {meeting_id}.")


def throttled(limit: str, now: datetime, kind: str = "Light", most: int | None = None) -> ZoomError:
    """Return one of the three kinds of 429; ``most``: the limit itself, where it is known. Only the account's day comes with a Retry-After,
    and that as an instant; the host's day shows the account's figures and has to be told by its words.
    """
    headers = {
        "X-RateLimit-Category": kind,
        "X-RateLimit-Type": "QPS" if limit == "second" else "Daily-limit",
        "X-RateLimit-Remaining": "0",
    }
    if most is not None:
        headers["X-RateLimit-Limit"] = str(most)
    if limit == "account_day":
        midnight = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
        headers["Retry-After"] = midnight.strftime("%Y-%m-%dT%H:%M:%SZ")
    if limit == "host_day":
        headers = {"X-RateLimit-Category": "Light", "X-RateLimit-Limit": "6000", "X-RateLimit-Remaining": "5893"}
    return ZoomError(429, {"code": 429, "message": _LIMITS[limit]}, headers)


def no_client() -> ZoomError:
    """Return what the token endpoint says to an app it does not know, or no longer. These bodies have no code."""
    return ZoomError(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})


def declared(fault: Fault, now: datetime, kind: str) -> ZoomError:
    """Return the refusal a fault asks for, of a call of this kind."""
    match fault.kind:
        case "outage":
            return ZoomError(503, OUTAGE_PAGE)
        case "throttle":
            return throttled(fault.limit, now, kind)
        case "reject_token":
            return refused(401, 124, "Invalid access token.")
        case "reject_client":
            return no_client()
        case _:
            return refused(fault.status, fault.code, fault.message)
