"""How a line of the log is written: one event as one JSON object, with numbers of things and never a person's data (decision 42).

What a traceback would quote is left out: which error, and where, but not its words, which may carry what somebody typed or a row's values.
"""

import json
import logging
import os
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from toyooka_hw import request_id

MOST_CAUSES = 5
STDERR = 2  # where the console's handler writes too
# Our own messages: the event, then its facts by name, as in "meeting.later meeting=%s attempts=%s".
_OUR_FORM = re.compile(r"[a-z_]+\.[a-z_]+((?: [a-z_]+=%s)*)")
# What Celery's messages about tasks quote: arguments, results, and the words of errors.
_QUOTED_BY_CELERY = ("args", "kwargs", "return_value", "traceback")
_PERSONAL_LINK = re.compile(r"/(b|e|admin/welcome)/[^/\s\"']+")
# A meeting's address at Zoom, its API's too: the id, and in join and host addresses what opens it (C6-2-3a).
_MEETING = re.compile(r"/(meetings|j|s|wc|wc/join)/\d{9,}[^\s\"']*")
# ``q=`` of an address, and of an address that another one carries (then its signs are written with %, perhaps more than once).
_SEARCH = re.compile(r"((?:[?&=]|%(?:25)*(?:3F|26|3D))q(?:=|%(?:25)*3D))[^&\s\"']+", re.IGNORECASE)
_MAILBOX = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+81|0)[\d-]{8,13}\d(?![\w-])")
_MASKS = ((_PERSONAL_LINK, r"/\1/***"), (_MEETING, r"/\1/***"), (_SEARCH, r"\1***"), (_MAILBOX, "***"), (_PHONE, "***"))


class LineFormatter(logging.Formatter):
    """One JSON object to a line: ``at``, ``level``, ``logger``, ``request`` where there is one, ``event`` and its facts, ``error`` and ``where``.

    Masked wherever they came from: the token of personal links, meetings' addresses, the words of a search, mailboxes, phone numbers.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if number := request_id.current():
            line["request"] = number
        line |= _told(record)
        if record.exc_info and record.exc_info[1]:
            line |= _failure(record.exc_info[1])
        return json.dumps(_masked(line), ensure_ascii=False)


def write_at_once(logger: str, message: str, *facts: object) -> None:
    """Write this line past all handlers: whoever handles a signal may have interrupted one of them in the middle of a line."""
    record = logging.LogRecord(logger, logging.INFO, __file__, 0, message, facts, None)
    os.write(STDERR, f"{LineFormatter().format(record)}\n".encode())


def _told(record: logging.LogRecord) -> dict[str, Any]:
    """The event and its facts."""
    if isinstance(record.msg, str) and _OUR_FORM.fullmatch(record.msg) and isinstance(record.args, tuple):
        event, *names = record.msg.replace("=%s", "").split(" ")
        return {"event": event, **dict(zip(names, map(_plain, record.args), strict=True))}
    if isinstance(record.args, Mapping) and record.name.startswith("celery"):
        return {"event": record.msg % _without_words(record.args)}
    return {"event": record.getMessage()}


def _plain(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _without_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What Celery tells of a task, without what it quotes; of an error only the type."""
    kept = {name: "***" if name in _QUOTED_BY_CELERY else value for name, value in facts.items()}
    return kept | ({"exc": str(facts["exc"]).partition("(")[0]} if "exc" in facts else {})


def _failure(error: BaseException) -> dict[str, Any]:
    """Which error, which ones it came of, and where it was raised: the innermost place last."""
    kinds: list[str] = []
    each: BaseException | None = error
    while each and len(kinds) < MOST_CAUSES:
        kinds.append(type(each).__name__)
        each = each.__cause__ or each.__context__
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": " < ".join(kinds), "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if isinstance(value, str):
        for pattern, mask in _MASKS:
            value = pattern.sub(mask, value)
    return value
