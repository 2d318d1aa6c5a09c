"""Django's own mail (error reports, password resets) goes through the same outbox."""

from collections.abc import Sequence
from email.utils import make_msgid, parseaddr

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from toyooka_hw import clock
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.wake import wake


class OutboxBackend(BaseEmailBackend):
    """Writes one row per recipient instead of talking to a mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                self._write(message, parseaddr(recipient)[1])
        return len(email_messages)

    def _write(self, message: EmailMessage, to: str) -> None:
        message_id = make_msgid()
        row = OutgoingMail.objects.create(
            key=f"django:{message_id}",
            to=to,
            subject=" ".join(str(message.subject).split()),
            body=str(message.body),
            message_id=message_id,
            written_at=clock.now(),
            queued_at=clock.wall(),
            next_try_at=clock.wall(),
        )
        wake("mail.deliver", mail_id=row.pk)
