"""The mail outbox against a real SMTP server: delivered once, tried again, given up visibly, secrets blanked."""

from datetime import timedelta

import pytest
from django.core.mail import get_connection, send_mail
from pytest_django import Settings

from booking.links import token_of
from booking.models import Booking
from tests.cast import MORNING
from tests.servers import MailFolder
from tests.toyooka_hw.mail.scripted import HANGS_UP, SILENT, scripted_server
from toyooka_hw.accounts.operations import send_code
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail import operations
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db


def deliver(mail: OutgoingMail, after: timedelta = timedelta(0)) -> OutgoingMail:
    operations.deliver(mail.pk, now=MORNING, wall=mail.next_try_at + after)
    mail.refresh_from_db()
    return mail


def alone(words: str) -> OutgoingMail:
    """The mail with these words in its subject; nothing else waits."""
    mail = OutgoingMail.objects.get(subject__contains=words)
    OutgoingMail.objects.exclude(pk=mail.pk).delete()
    return mail


def test_mail_arrives_with_its_calendar_file(confirmed: Booking, mailbox: MailFolder) -> None:
    mail = deliver(alone("確定しました"))
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
    send_code("hanako@example.jp", client="", now=MORNING, wall=MORNING)
    mail = OutgoingMail.objects.get()
    (code,) = mail.secrets
    deliver(mail)
    assert (code in mailbox.mails()[0].text, code in mail.body, mail.secrets) == (True, False, [])


def test_server_that_is_down_is_tried_again(requested: Booking, settings: object, mailbox: MailFolder) -> None:
    mail = OutgoingMail.objects.get()
    settings.SMTP = {**settings.SMTP, "EMAIL_PORT": 1}
    assert deliver(mail).outbox_state == OutboxState.WANTED
    assert (mail.attempts, mail.next_try_at > MORNING) == (1, True)


def test_temporary_refusal_is_tried_again_and_a_final_one_is_not(requested: Booking, mailbox: MailFolder) -> None:
    mail = OutgoingMail.objects.get()
    OutgoingMail.objects.update(to="later-451@example.jp")
    assert deliver(mail).outbox_state == OutboxState.WANTED
    OutgoingMail.objects.update(to="refuse-550@example.jp")
    assert deliver(mail).outbox_state == OutboxState.FAILED
    OutgoingMail.objects.update(to="hanako@example.jp")
    again = [operations.try_again(mail.pk, by=requested.counsellor.user, now=MORNING, wall=MORNING) for _press in range(2)]
    assert again == [True, False]
    assert [(entry.what, entry.subject_pk) for entry in AuditEntry.objects.all()] == [("メールをもう一度送る", str(mail.pk))]
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


@pytest.mark.parametrize(
    ("answers", "state", "error"),
    [
        pytest.param({"QUIT": "421 busy"}, OutboxState.DONE, "", id="accepted is accepted, whatever is said at parting"),
        pytest.param({"RCPT": "550 nobody"}, OutboxState.FAILED, "SMTP 550", id="this recipient is refused for good"),
        pytest.param({"RCPT": "450 later"}, OutboxState.WANTED, "SMTP 450", id="this recipient is refused for now"),
        pytest.param({"TEXT": "554 no"}, OutboxState.FAILED, "SMTP 554", id="this text is refused for good"),
        pytest.param({"AUTH": "535 no"}, OutboxState.WANTED, "SMTPAuthenticationError", id="our password is wrong"),
        pytest.param({"MAIL": "550 no"}, OutboxState.WANTED, "SMTPSenderRefused", id="our address is refused"),
        pytest.param({"QUIT": HANGS_UP}, OutboxState.DONE, "", id="dropped after the 250"),
        pytest.param({"TEXT": HANGS_UP}, OutboxState.WANTED, "SMTPServerDisconnected", id="dropped before the 250"),
        pytest.param({"TEXT": SILENT}, OutboxState.WANTED, "SMTPServerDisconnected", id="no answer to the text"),
        pytest.param({"EHLO": SILENT}, OutboxState.WANTED, "SMTPServerDisconnected", id="no answer at all"),
    ],
)
def test_only_what_is_about_this_mail_is_final(
    requested: Booking, settings: Settings, answers: dict[str, str], state: str, error: str
) -> None:
    with scripted_server(**answers) as port:
        user = {"EMAIL_HOST_USER": "portal", "EMAIL_HOST_PASSWORD": "wrong"}
        settings.SMTP = {**settings.SMTP, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_USE_TLS": False, **user}
        settings.SMTP_TIMEOUT = 0.5
        mail = deliver(OutgoingMail.objects.get())
    assert (mail.outbox_state, mail.last_error) == (state, error)


def test_repeat_after_a_lost_answer_is_recognisable(requested: Booking, settings: Settings, mailbox: MailFolder) -> None:
    """The server may have kept the mail whose answer was lost: the second one bears the same Message-ID."""
    own = settings.SMTP
    with scripted_server(TEXT=HANGS_UP) as port:
        settings.SMTP = {**own, "EMAIL_PORT": port}
        mail = deliver(OutgoingMail.objects.get())
    settings.SMTP = own
    assert (deliver(mail).outbox_state, mailbox.mails()[0].message_id) == (OutboxState.DONE, mail.message_id)


def test_mail_that_cannot_be_written_does_not_stop_the_next(requested: Booking, mailbox: MailFolder) -> None:
    OutgoingMail.objects.update(to="two\nlines@example.jp")
    good = operations.post("code", to="a@example.jp", key="k", now=MORNING, wall=MORNING, context={"code": "1"})
    assert good is not None
    operations.sweep(now=MORNING, wall=MORNING)
    bad = OutgoingMail.objects.exclude(pk=good.pk).get()
    assert (bad.outbox_state, bad.attempts, bad.last_error) == (OutboxState.WANTED, 1, "ValueError")
    assert [arrived.to for arrived in mailbox.mails()] == [("a@example.jp",)]


def test_personal_link_is_nowhere_in_the_row_once_delivered(confirmed: Booking, mailbox: MailFolder) -> None:
    """The calendar file folds its lines, so the link cannot be found in it: the file goes whole."""
    mail = alone("確定しました")
    assert mail.calendar != ""
    deliver(mail)
    assert (token_of(confirmed) in mail.body, mail.calendar) == (False, "")
