"""Ears of a test: whatever the portal lets out is heard, and searched for the access codes that Zoom gave away (C6-2-3a).

Heard are every answer to the tests' browsers, every mail as it arrived, every line of every logger down to DEBUG, here and in the
worker, every command that reached the broker, and at the end every row of every table but the meetings' own.
"""

import base64
import html
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from redis import Redis

from booking.models import Booking
from tests.stories import Story
from tests.surroundings import PATIENCE_SECONDS

HOME_OF_THE_CODE = "booking_meeting"
ZOOMS_OWN = "werkzeug"  # the simulated Zoom runs in the tests' process and writes a log of its own
THE_END = "the-ears-have-heard-enough"
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\u00a0\u3000\-‐–+._]+(?=\d)")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{24,}")


@dataclass(frozen=True)
class Sound:
    """One thing that was let out. ``user``: the member of staff to whom, where a page was answered to one."""

    where: str
    said: str
    user: int | None = None
    path: str = ""

    def has(self, words: tuple[str, ...]) -> bool:
        return any(word in reading for reading in readings(self.said) for word in words)


@dataclass(frozen=True)
class Code:
    """What opens one session: meeting id, passcode, the passcode of the join address, the keys of the host addresses."""

    meeting_id: str
    words: tuple[str, ...]


@dataclass
class Ears:
    """What was heard so far."""

    story: Story
    worker_log: Path
    begins_at: int
    sounds: list[Sound] = field(default_factory=list)

    def leaks(self) -> list[str]:
        """Where a code was heard that had no business there, each place once. Empty: it was silent."""
        return sorted({sound.where for sound, code in self.told() if not _may_tell(sound, code)})

    def tellers(self) -> list[str]:
        """The answers that told a code to whom they may."""
        return sorted({sound.where for sound, code in self.told() if _may_tell(sound, code)})

    def told(self) -> list[tuple[Sound, Code]]:
        codes, sounds = self.codes(), self.everything()
        return [(sound, code) for sound in sounds for code in codes if sound.has((code.meeting_id, *code.words))]

    def codes(self) -> list[Code]:
        """Every code that the simulated Zoom ever gave away."""
        made = self.story.zoom.control.meetings()
        return [Code(str(each["id"]), (each["fields"]["password"], each["door"], each["zak"])) for each in made]

    def everything(self) -> list[Sound]:
        mails = [Sound(f"mail {mail.subject}", _text_of(mail)) for mail in self.story.mailbox.mails()]
        lines = self.worker_log.read_bytes()[self.begins_at :].decode(errors="replace").splitlines()
        return [*self.sounds, *mails, *(Sound("log of the worker", line) for line in lines), *_rows(), *_sessions()]


def _text_of(mail: Any) -> str:
    files = [file.name + file.content.decode(errors="replace") for file in mail.attachments]
    return "\n".join([mail.subject, mail.text, mail.html, *files, mail.raw.decode(errors="replace")])


def _rows() -> Iterator[Sound]:
    with connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names(cursor) if table != HOME_OF_THE_CODE]
        for table in tables:
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            yield from (Sound(f"table {table}", text) for (text,) in cursor.fetchall())


def _sessions() -> Iterator[Sound]:
    for session in Session.objects.all():
        yield Sound("session", json.dumps(session.get_decoded(), default=str))


def _may_tell(sound: Sound, code: Code) -> bool:
    """The delivery screen and the host's own way in, to the counsellor in charge of that session."""
    found = re.fullmatch(r"/admin/booking/booking/(\d+)/(?:delivery/code|host)/", sound.path)
    if found is None or sound.user is None:
        return False
    return Booking.objects.filter(pk=found[1], counsellor__user=sound.user, meeting__meeting_id=code.meeting_id).exists()


def readings(said: str) -> Iterator[str]:
    """The text as it is, and as it reads without markup, encodings and the gaps in numbers."""
    plain = html.unescape(unquote(said))
    yield from (said, plain, _BETWEEN_DIGITS.sub("", unquote_plus(plain)))
    for found in _ENCODED.findall(said):
        yield base64.b64decode(found[: len(found) // 4 * 4]).decode(errors="replace")


# --- where it is listened -----------------------------------------------------------------------------------------------------

_listeners: list[Ears] = []


def answers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware of the tests, outside of all others: what browsers are answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming:  # files of our own
            where = f"{request.method} {request.path} {response.status_code}"
            headers = "\n".join(f"{name}: {value}" for name, value in response.items())
            said = f"{headers}\n{response.cookies.output()}\n{response.content.decode(errors='replace')}"
            user = request.user.pk if hasattr(request, "user") else None
            for ears in _listeners:
                ears.sounds.append(Sound(where, said, user, request.path))
        return response

    return middleware


class LogEar(logging.Handler):
    """Every record of every logger of this process that lets it through, written out in full."""

    def __init__(self, ears: Ears) -> None:
        super().__init__(logging.DEBUG)
        self.ears = ears

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != ZOOMS_OWN:
            self.ears.sounds.append(Sound(f"log {record.name}", f"{self.format(record)} {record.args!r}"))


@contextmanager
def listening(story: Story, worker_log: Path, broker_url: str) -> Iterator[Ears]:
    """Listen to everything within."""
    ears = Ears(story, worker_log, worker_log.stat().st_size)
    root, ear = logging.getLogger(), LogEar(ears)
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(ear)
    _listeners.append(ears)
    try:
        with _broker_heard(ears, broker_url):
            yield ears
    finally:
        _listeners.remove(ears)
        root.removeHandler(ear)
        root.setLevel(level)


@contextmanager
def _broker_heard(ears: Ears, url: str) -> Iterator[None]:
    """Every command that reaches the broker's database, payloads and all; tests that run beside this one have another."""
    ready = threading.Event()

    def listen() -> None:
        with Redis.from_url(url, socket_timeout=None) as redis, redis.monitor() as monitor:
            ours = redis.get_connection_kwargs()["db"]
            ready.set()
            for command in monitor.listen():
                if command["db"] != ours:
                    continue
                if THE_END in command["command"]:
                    return
                ears.sounds.append(Sound("broker", command["command"]))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(timeout=PATIENCE_SECONDS)
    try:
        yield
    finally:
        with Redis.from_url(url) as redis:
            redis.echo(THE_END)
        thread.join(timeout=PATIENCE_SECONDS)
        assert not thread.is_alive()
