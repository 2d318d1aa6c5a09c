"""Reading what a mail server says of a mail that did not arrive (RFC 3464). Pure: nothing of the server's own words is kept."""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage, Message

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ENHANCED = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
_PERMANENT = re.compile(r"5\.\d{1,3}\.\d{1,3}")
_ADDRESS = re.compile(r"(?:[\w-]+\s*;)?\s*<?([^<>\s]+@[^<>\s]+?)>?\s*")
# By the beginning of the status, the longest first (RFC 3463).
_WORDS: tuple[tuple[tuple[str, ...], Promise], ...] = (
    (("5.2.2", "552"), _("相手の受信箱がいっぱいです。")),
    (("5.1", "5.2.1", "551", "553"), _("宛先のアドレスが見つかりません。")),
    (("5.7",), _("相手のメールサーバーが受け取りを断りました。受信拒否（ドメイン指定受信など）の設定によることがあります。")),
)
OTHERWISE = _("相手のメールサーバーが受け取りを断りました。")


@dataclass(frozen=True, slots=True)
class Bounce:
    """That a mail will not arrive: by its Message-ID where the report names it, and whom it was for. ``status`` is like ``5.1.1``."""

    message_id: str
    recipient: str
    status: str


def read_report(raw: bytes) -> Bounce | None:
    """What a delivery status notification says; None where it is none, or the mail is only late."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    status = next((part for part in message.walk() if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        return None
    failed = next((block for block in _blocks(status) if _is_final(block)), None)
    if failed is None:
        return None
    recipient = str(failed.get("Original-Recipient") or failed.get("Final-Recipient") or "")
    return Bounce(_original_id(message), _address(recipient), _status(failed))


def status_of(code: int, words: bytes | str) -> str:
    """The status of a refusal in a conversation: the enhanced one where the server gives it, else the reply's number."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    found = _ENHANCED.search(text)
    return found[0] if found else str(code)


def in_words(status: str) -> Promise:
    """What the status means, for staff."""
    return next((words for beginnings, words in _WORDS if status.startswith(beginnings)), OTHERWISE)


def _blocks(part: Message) -> list[Message]:
    """The messages inside: of a report its blocks of fields, first its own, then each recipient's."""
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _is_final(block: Message) -> bool:
    return str(block.get("Action", "")).strip().lower() == "failed" and bool(_PERMANENT.match(str(block.get("Status", "")).strip()))


def _status(block: Message) -> str:
    found = _PERMANENT.match(str(block["Status"]).strip())
    return found[0] if found else ""


def _address(field: str) -> str:
    """``rfc822; hanako@example.jp`` as the address alone."""
    found = _ADDRESS.fullmatch(field.strip())
    return found[1].lower() if found else ""


def _original_id(report: Message) -> str:
    """The Message-ID of the mail that came back, whole or by its headers alone."""
    for part in report.walk():
        if part.get_content_type() == "message/rfc822" and (blocks := _blocks(part)):
            return str(blocks[0].get("Message-ID", "")).strip()
        if part.get_content_type() == "text/rfc822-headers" and isinstance(part, EmailMessage):
            headers = email.message_from_string(str(part.get_content()), policy=email.policy.default)
            return str(headers.get("Message-ID", "")).strip()
    return ""
