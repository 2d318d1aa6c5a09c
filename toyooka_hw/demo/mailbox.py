"""The demo's mail server: takes every message and keeps it as a file, for the mail page and for tests.

``python -m toyooka_hw.demo.mailbox --port P --dir D``. Whoever is written to by the name ``refuse-550@…`` is refused for good with that
number, ``later-451@…`` for now; any number of that kind will do.
"""

import argparse
import asyncio
import email
import email.policy
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from toyooka_hw.demo.processes import LOOPBACK, Order, Part, accepts, free_port, start

START_SECONDS = 30
MAILS_REMEMBERED = 4096
RECIPIENTS = "X-Envelope-To"
REFUSED_NAME = re.compile(r"(?:refuse-(5\d\d)|later-(4\d\d))@")


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """One received message. `key` names its file; `to` is whom it was really delivered to; `received_at` is real time, UTC."""

    key: str
    subject: str
    sender: str
    to: tuple[str, ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    message_id: str
    received_at: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Mailbox:
    """A running mail server and the folder it fills."""

    url: str
    folder: Path
    part: Part


@contextmanager
def running_mailbox(folder: Path, *, log: Path | None = None) -> Iterator[Mailbox]:
    """Run the mail server as a child; its messages lie in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    program = [sys.executable, "-m", "toyooka_hw.demo.mailbox", "--port", str(port), "--dir", str(folder)]
    part = start(Order("メールサーバー", program, log or folder / "mailbox.log", folder=Path(__file__).parents[2]))
    try:
        part.wait_until(lambda: accepts(port), seconds=START_SECONDS)
        yield Mailbox(f"smtp://{LOOPBACK}:{port}", folder, part)
    finally:
        part.stop()


def read_mails(folder: Path) -> list[Mail]:
    """Every message in the folder, in the order of arrival."""
    return [_read(path, path.stat().st_mtime) for path in sorted(folder.glob("*.eml"))]


def find_mail(folder: Path, key: str) -> Mail | None:
    """The message of this key, if there is one."""
    return next((_read(path, path.stat().st_mtime) for path in folder.glob("*.eml") if path.stem == key), None)


def clear_mails(folder: Path) -> None:
    """Throw every message away."""
    for path in folder.glob("*.eml"):
        path.unlink()


@lru_cache(maxsize=MAILS_REMEMBERED)
def _read(path: Path, written_at: float) -> Mail:
    """A message is written once: looked at again and again, it is understood once."""
    raw = path.read_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return Mail(
        key=path.stem,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=tuple(str(message[RECIPIENTS] or "").split()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachment(part) for part in message.iter_attachments() if isinstance(part, EmailMessage)),
        message_id=str(message["Message-ID"] or ""),
        received_at=datetime.fromtimestamp(written_at, UTC),
        raw=raw,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    payload = part.get_payload(decode=True)
    return Attachment(part.get_filename() or "", part.get_content_type(), payload if isinstance(payload, bytes) else b"")


class Keeper:
    """What the mail server does with recipients and messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        if refused := REFUSED_NAME.match(address):
            return f"{refused[1] or refused[2]} refused on request"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        header = f"{RECIPIENTS}: {' '.join(filter(None, envelope.rcpt_tos))}\r\n".encode()
        path = self.folder / f"{time.time_ns():020d}.eml"
        half = path.with_suffix(".new")
        half.write_bytes(header + (content if isinstance(content, bytes) else content.encode()))
        half.rename(path)
        return "250 kept"


async def _serve(port: int, folder: Path) -> None:
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, enable_SMTPUTF8=True, loop=loop), LOOPBACK, port)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args()
    os.umask(0o077)
    options.dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(options.port, options.dir))


if __name__ == "__main__":
    main()
