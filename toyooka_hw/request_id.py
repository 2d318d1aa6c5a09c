"""The number of the request that is worked for: in every line of the log, in the answer's header, on the error page, handed on to tasks."""

import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"
TASK_HEADER = "request_id"
# What proxies make: 32 hexadecimal digits, or a UUID. Nothing else is taken over: a browser may send whatever it likes.
_WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The number of the request that is worked for; empty where there is none."""
    return _current.get()


def taken_or_made(offered: str) -> str:
    """The number that was offered, where it is well-formed; else a new one."""
    return offered.lower().replace("-", "") if _WELL_FORMED.fullmatch(offered) else uuid.uuid4().hex


def work_for(request_id: str) -> None:
    """From now on this process or thread works for that request; empty: for none."""
    _current.set(request_id)
