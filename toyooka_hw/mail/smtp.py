"""Handing one mail to the mail server. No database here: nothing of it runs in a transaction."""

import smtplib
from contextlib import closing, suppress
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings

from toyooka_hw.mail.models import OutgoingMail


def hand_over(mail: OutgoingMail) -> None:
    """Returns once the server has accepted the mail. Raises whatever smtplib raises."""
    smtp = settings.SMTP
    server_class = smtplib.SMTP_SSL if smtp.get("EMAIL_USE_SSL") else smtplib.SMTP
    with closing(server_class(smtp["EMAIL_HOST"], smtp["EMAIL_PORT"] or 25, timeout=settings.SMTP_TIMEOUT)) as server:
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
