"""Writing mails down, and delivering what is written."""

import re
import smtplib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext

from toyooka_hw.audit.operations import record
from toyooka_hw.context import office_facts
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState
from toyooka_hw.sweep import each
from toyooka_hw.wake import wake

SMTP_TIMEOUT_SECONDS = 10  # for each of about a dozen waits, from connecting to the last answer
LEASE = timedelta(seconds=180)  # longer than all of them together
GIVE_UP_AFTER = 30
KEPT_FOR = timedelta(days=365)
_OUTDATED: list[Callable[[str], bool]] = []
BLANK = "（送信後に消去しました）"


class Outdated(Exception):
    """What the mail tells is no longer so."""


def post(
    template: str,
    *,
    to: str,
    key: str,
    now: datetime,
    wall: datetime,
    context: Mapping[str, Any],
    secrets: Iterable[str] = (),
    calendar: str = "",
    calendar_method: str = "",
) -> OutgoingMail | None:
    """Write one mail from ``templates/mail/<template>`` in the caller's transaction and wake its delivery after commit.

    The same ``key`` twice is one mail: the second call returns None. ``secrets`` are blanked in the row once delivered.
    """
    values = {**context, "office": office_facts()}
    row, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": " ".join(render_to_string(f"mail/{template}.subject.txt", values).split()),
            "body": body_of(template, context),
            "secrets": list(secrets),
            "calendar": calendar,
            "calendar_method": calendar_method,
            "message_id": make_msgid(domain=_sender_domain()),
            "written_at": now,
            "next_try_at": wall,
        },
    )
    if not created:
        return None
    wake("mail.deliver", mail_id=row.pk)
    return row


def body_of(template: str, context: Mapping[str, Any]) -> str:
    """The text of this mail, whether it is to be written or only shown beforehand."""
    return render_to_string(f"mail/{template}.body.txt", {**context, "office": office_facts()}).strip() + "\n"


def deliver(mail_id: int, *, now: datetime, wall: datetime) -> None:
    """Claim one mail, hand it to the mail server with no transaction open, settle."""
    mail: OutgoingMail | None = OutgoingMail.objects.claim(mail_id, lease=LEASE, wall=wall)
    if mail is None:
        return
    try:
        _hand_over(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        _settle_refusal(mail, code, wall)
    except smtplib.SMTPDataError as error:
        _settle_refusal(mail, error.smtp_code, wall)
    except Exception as error:  # noqa: BLE001 - the connection, the password, the sender, anything: not this mail's fault, so tried again
        _settle_later(mail, type(error).__name__, wall)
    else:
        mail.settle(OutboxState.DONE, delivered_at=now, last_error="", secrets=[], **_blanked(mail))


def sweep(*, now: datetime, wall: datetime) -> None:
    """Deliver what is due: nudges that were lost, retries, and rows whose worker died."""
    due = OutgoingMail.objects.due(wall).values_list("pk", flat=True)[:200]
    each(due, lambda mail_id: deliver(mail_id, now=now, wall=wall), name="mails")


def forget(*, now: datetime) -> int:
    """Delete mails a year after they were written."""
    deleted, _ = OutgoingMail.objects.filter(written_at__lt=now - KEPT_FOR).delete()
    return deleted


def ask_before_again(is_outdated: Callable[[str], bool]) -> None:
    """Let an app that writes mails say, by a mail's key, that it is outdated; told once, when the app is ready."""
    _OUTDATED.append(is_outdated)


def try_again(mail_id: int, *, by: AbstractUser, now: datetime, wall: datetime) -> bool:
    """Put a failed mail back into the queue (staff pressed "try again"). False where it is not, or no longer, failed.

    Raises Outdated where other news have followed.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
        if mail.outbox_state != OutboxState.FAILED:
            return False
        if any(is_outdated(mail.key) for is_outdated in _OUTDATED):
            raise Outdated
        OutgoingMail.objects.filter(pk=mail_id).update(outbox_state=OutboxState.WANTED, next_try_at=wall, attempts=0)
        record(gettext("メールをもう一度送る"), mail, by=by, now=now)
        wake("mail.deliver", mail_id=mail_id)
    return True


def _hand_over(mail: OutgoingMail) -> None:
    smtp = settings.SMTP
    server_class = smtplib.SMTP_SSL if smtp.get("EMAIL_USE_SSL") else smtplib.SMTP
    with closing(server_class(smtp["EMAIL_HOST"], smtp["EMAIL_PORT"] or 25, timeout=SMTP_TIMEOUT_SECONDS)) as server:
        if smtp.get("EMAIL_USE_TLS"):
            server.starttls()
        if smtp["EMAIL_HOST_USER"]:
            server.login(smtp["EMAIL_HOST_USER"], smtp["EMAIL_HOST_PASSWORD"])
        server.send_message(_message(mail))
        with suppress(OSError):  # accepted is accepted, however the server takes its leave (SMTPException is an OSError)
            server.quit()


def _message(mail: OutgoingMail) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = mail.to
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    if mail.calendar:
        message.add_attachment(
            mail.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="soudan.ics",
            params={"method": mail.calendar_method, "charset": "utf-8"},
        )
    return message


def _settle_refusal(mail: OutgoingMail, code: int, wall: datetime) -> None:
    """The server refused this recipient or this text: 4xx is worth another try, 5xx is its last word."""
    if 400 <= code < 500:
        _settle_later(mail, f"SMTP {code}", wall)
    else:
        mail.settle_failed(error=f"SMTP {code}")


def _settle_later(mail: OutgoingMail, error: str, wall: datetime) -> None:
    if mail.attempts >= GIVE_UP_AFTER:
        mail.settle_failed(error=error)
    else:
        mail.settle_later(at=wall + min(timedelta(seconds=10) * 2 ** min(mail.attempts, 8), timedelta(minutes=15)), error=error)


def _blanked(mail: OutgoingMail) -> dict[str, str]:
    """Subject and body without the secrets. The calendar file goes whole: it folds its lines, so no secret would be found in it."""
    changes = {"calendar": ""}
    for field in ("subject", "body"):
        text = getattr(mail, field)
        for secret in mail.secrets:
            text = re.sub(re.escape(secret), BLANK, text)
        changes[field] = text
    return changes


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
