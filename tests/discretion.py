"""Whether a log tells of people: it is searched for whatever the tables and the mail server know of them by the end of a test.

Searched for are names, numbers, phones, mailboxes, what people and staff wrote freely, personal links, sign-in codes.
"""

import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from booking.links import token_of
from booking.models import Absence, Booking, BookingEvent, ContactRecord, Registration, SeminarEvent, SeminarSpeaker, StopRecord
from booking.models.employers import EmployerRequest
from tests.servers import MailFolder
from tests.silence import readings
from toyooka_hw.accounts.models import Establishment, Person, UsageRestriction, User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.logs import LineFormatter
from toyooka_hw.mail.models import OutgoingMail

PERSONAL = {
    Person: (
        "full_name",
        "name_kana",
        "email",
        "job_seeker_number",
        "stated_phone",
        "registered_phone",
        "stated_establishment",
        "department",
    ),
    User: ("display_name", "email"),
    Establishment: ("name", "number"),
    UsageRestriction: ("reason", "letter", "lift_reason"),
    Booking: ("stated_name", "stated_number", "topic", "companion", "proxy_contact"),
    BookingEvent: ("reason",),
    EmployerRequest: ("arrangement", "companion", "job_offer_number"),
    Registration: ("companion", "removed_why"),
    SeminarEvent: ("reason",),
    SeminarSpeaker: ("name", "affiliation"),
    Absence: ("reason",),
    ContactRecord: ("caller", "note"),
    StopRecord: ("note",),
    AuditEntry: ("reason",),
    OutgoingMail: ("to",),
}
SHORTEST = 2  # one letter tells nobody
_TOKEN = re.compile(r"/(?:b|e|admin/welcome)/([^/\s]{10,})")
_CODE = re.compile(r"認証コード：(\d{6})")


@dataclass(frozen=True)
class Secret:
    """Something that must stand in no log. ``what``: where it is at home."""

    what: str
    pattern: re.Pattern[str]


@dataclass
class Discretion:
    """The logs that a test leaves, and what must not be in them."""

    mailbox: MailFolder
    written: io.StringIO
    files: dict[Path, int] = field(default_factory=dict)

    def follow(self, log: Path) -> Path:
        """From here on, this file is one of the logs, also where nothing stands in it yet."""
        log.touch()
        self.files.setdefault(log, log.stat().st_size)
        return log

    def told(self) -> list[str]:
        """Whose what stands in which log; empty: nobody is told of."""
        logs = {"log of the portal": self.written.getvalue()} | {
            f"log of the {log.stem}": log.read_bytes()[begin:].decode(errors="replace") for log, begin in self.files.items()
        }
        return whoever_is_told_of(logs, self.secrets())

    def secrets(self) -> list[Secret]:
        return [*secrets_of_tables(), *secrets_of_mails(self.mailbox)]


def secrets_of_mails(mailbox: MailFolder) -> Iterator[Secret]:
    """The links and the codes that arrived there."""
    for mail in mailbox.mails():
        for token in _TOKEN.findall(mail.text):
            yield Secret("a link that was mailed", re.compile(re.escape(token)))
        for code in _CODE.findall(mail.text):
            yield Secret("a code that was mailed", re.compile(rf"(?<![0-9a-f.-]){code}(?![0-9a-f])"))


def secrets_of_tables() -> Iterator[Secret]:
    """What the database knows of people, and the links that lead to it."""
    for model, names in PERSONAL.items():
        for row in model._default_manager.values_list(*names):
            for name, text in zip(names, row, strict=True):
                yield from secrets_in(str(text or ""), f"{model.__name__}.{name}")
    for link in (*Booking.objects.all(), *Registration.objects.all()):
        yield Secret("a personal link", re.compile(re.escape(token_of(link))))


def secrets_in(text: str, what: str) -> Iterator[Secret]:
    """This text, however it may be written."""
    for form in _forms(text):
        yield Secret(what, re.compile(rf"(?<![0-9a-f]){re.escape(form)}(?!\d)"))


def _forms(text: str) -> set[str]:
    """How the same may be written: names in parts, numbers without hyphens, phones as they are dialled."""
    digits = re.sub(r"\D", "", text) if re.fullmatch(r"[\d+-]+", text) else ""
    forms = {text, *re.split(r"[\s\u3000]+", text), digits, "0" + digits[2:] if text.startswith("+81") else ""}
    return {form for form in forms if len(form) >= SHORTEST}


def whoever_is_told_of(logs: Mapping[str, str], secrets: Iterable[Secret]) -> list[str]:
    """Which of these stand in which log."""
    texts = {name: set(readings(text)) for name, text in logs.items()}
    return sorted({f"{name}: {secret.what}" for secret in set(secrets) for name, said in texts.items() if _found(secret, said)})


def _found(secret: Secret, said: set[str]) -> bool:
    return any(secret.pattern.search(reading) for reading in said)


@contextmanager
def listening(mailbox: MailFolder) -> Iterator[Discretion]:
    """Hear whatever this process writes to its log within."""
    written = io.StringIO()
    ear = logging.StreamHandler(written)
    ear.setFormatter(LineFormatter())
    ear.setLevel(logging.INFO)
    root = logging.getLogger()
    root.addHandler(ear)
    try:
        yield Discretion(mailbox, written)
    finally:
        root.removeHandler(ear)
