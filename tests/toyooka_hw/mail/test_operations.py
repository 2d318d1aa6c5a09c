"""The mail outbox against a real SMTP server: delivered once, tried again, given up visibly, secrets blanked."""

from datetime import timedelta

import pytest
from django.core.mail import get_connection, send_mail

from booking.models import Booking
from tests.cast import MORNING
from tests.servers import MailFolder
from toyooka_hw.accounts.operations import send_code
from toyooka_hw.mail import operations
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db


def deliver(mail: OutgoingMail, after: timedelta = timedelta(0)) -> OutgoingMail:
    operations.deliver(mail.pk, now=MORNING, wall=mail.next_try_at + after)
    mail.refresh_from_db()
    return mail


def test_mail_arrives_with_its_calendar_file(confirmed: Booking, mailbox: MailFolder) -> None:
    mail = deliver(OutgoingMail.objects.get(subject__contains="確定しました"))
    (arrived,) = mailbox.mails()
    assert (mail.outbox_state, arrived.subject, arrived.message_id) == (OutboxState.DONE, mail.subject, mail.message_id)
    (attachment,) = arrived.attachments
    assert attachment.name == "soudan.ics"
    assert b"METHOD:PUBLISH" in attachment.content


def test_delivered_twice_arrives_once(requested: Booking, mailbox: MailFolder) -> None:
    mail = OutgoingMail.objects.get()
    deliver(mail)
    deliver(mail, timedelta(hours=1))
    assert len(mailbox.mails()) == 1


def test_secrets_are_blanked_once_delivered(db: None, mailbox: MailFolder) -> None:
    send_code("hanako@example.jp", now=MORNING, wall=MORNING)
    mail = OutgoingMail.objects.get()
    (code,) = mail.secrets
    deliver(mail)
    assert (code in mailbox.mails()[0].text, code in mail.body, mail.secrets) == (True, False, [])


def test_server_that_is_down_is_tried_again(requested: Booking, settings: object, mailbox: MailFolder) -> None:
    mail = OutgoingMail.objects.get()
    settings.SMTP = {**settings.SMTP, "EMAIL_PORT": 1}  # type: ignore[attr-defined]
    assert deliver(mail).outbox_state == OutboxState.WANTED
    assert (mail.attempts, mail.next_try_at > MORNING) == (1, True)


def test_temporary_refusal_is_tried_again_and_a_final_one_is_not(requested: Booking, mailbox: MailFolder) -> None:
    mail = OutgoingMail.objects.get()
    OutgoingMail.objects.update(to="later-451@example.jp")
    assert deliver(mail).outbox_state == OutboxState.WANTED
    OutgoingMail.objects.update(to="refuse-550@example.jp")
    assert deliver(mail).outbox_state == OutboxState.FAILED
    OutgoingMail.objects.update(to="hanako@example.jp")
    assert operations.try_again(mail.pk, wall=MORNING) is True
    mail.refresh_from_db()
    assert deliver(mail).outbox_state == OutboxState.DONE


def test_worker_that_died_holding_a_mail_is_followed_by_the_sweep(requested: Booking, mailbox: MailFolder) -> None:
    mail = OutgoingMail.objects.get()
    OutgoingMail.objects.claim(mail.pk, lease=operations.LEASE, wall=MORNING)
    operations.sweep(now=MORNING, wall=MORNING + operations.LEASE - timedelta(seconds=1))
    assert mailbox.mails() == []
    operations.sweep(now=MORNING, wall=MORNING + operations.LEASE)
    assert [arrived.message_id for arrived in mailbox.mails()] == [mail.message_id]


def test_same_key_is_told_once(db: None) -> None:
    first = operations.post("code", to="a@example.jp", key="k", now=MORNING, wall=MORNING, context={"code": "1"})
    second = operations.post("code", to="a@example.jp", key="k", now=MORNING, wall=MORNING, context={"code": "1"})
    assert (first is not None, second, OutgoingMail.objects.count()) == (True, None, 1)


def test_mails_are_forgotten_after_a_year(requested: Booking) -> None:
    written = OutgoingMail.objects.get().written_at
    assert operations.forget(now=written + timedelta(days=365)) == 0
    assert operations.forget(now=written + timedelta(days=365, seconds=1)) == 1


def test_djangos_own_mail_goes_through_the_outbox(db: None) -> None:
    outbox = get_connection("toyooka_hw.mail.backend.OutboxBackend")  # pytest-django puts its own in the settings
    send_mail("件名", "本文", None, ["staff@example.jp"], connection=outbox)
    assert OutgoingMail.objects.get().to == "staff@example.jp"
