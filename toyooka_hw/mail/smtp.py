"""Handing one mail to the mail server. No database here: nothing of it runs in a transaction."""

import smtplib
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from django.conf import settings

from toyooka_hw.mail.models import OutgoingMail


def hand_over(mail: OutgoingMail) -> None:
    """Returns once the server has accepted the mail. Raises whatever smtplib raises, and where TLS is asked for, OSError for a server that nobody vouches for."""
    smtp = settings.SMTP
    with closing(_connected(smtp)) as server:
        if smtp.get("EMAIL_USE_TLS"):
            server.starttls(context=_vouched())
        if smtp["EMAIL_HOST_USER"]:
            server.login(smtp["EMAIL_HOST_USER"], smtp["EMAIL_HOST_PASSWORD"])
        server.send_message(_message(mail))
        with suppress(OSError):  # accepted is accepted, however the server takes its leave (SMTPException is an OSError)
            server.quit()


def _connected(smtp: dict[str, Any]) -> smtplib.SMTP:
    host, port = smtp["EMAIL_HOST"], smtp["EMAIL_PORT"] or 25
    if smtp.get("EMAIL_USE_SSL"):
        return smtplib.SMTP_SSL(host, port, timeout=settings.SMTP_TIMEOUT, context=_vouched())
    return smtplib.SMTP(host, port, timeout=settings.SMTP_TIMEOUT)


def _vouched() -> ssl.SSLContext:
    """Only a server for which somebody we trust vouches is spoken to."""
    return ssl.create_default_context(cafile=settings.EMAIL_CA_BUNDLE or None)


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
