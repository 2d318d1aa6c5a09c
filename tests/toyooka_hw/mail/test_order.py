"""Mails to one address arrive in the order in which they were written, and none blocks the others for ever (peers 41)."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.cast import MORNING
from tests.servers import MailFolder
from toyooka_hw.accounts.operations import send_code
from toyooka_hw.mail import operations
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db
HANAKO = "hanako@example.jp"
LATER = "later-451@example.jp"
MINUTE = timedelta(minutes=1)


def written(key: str, to: str = HANAKO) -> OutgoingMail:
    mail = operations.post("code", to=to, key=key, now=MORNING, wall=MORNING, context={"code": key})
    assert mail is not None
    return mail


def deliver(mail: OutgoingMail, after: timedelta = timedelta(0)) -> str:
    operations.deliver(mail.pk, now=MORNING, wall=MORNING + after)
    mail.refresh_from_db()
    return mail.outbox_state


def arrived(mailbox: MailFolder) -> list[str]:
    return [mail.message_id for mail in mailbox.mails()]


def test_later_mail_waits_for_the_earlier_one(db: None, mailbox: MailFolder) -> None:
    first, second = written("1"), written("2")
    assert [deliver(second), deliver(first), deliver(second)] == ["wanted", "done", "done"]
    assert (arrived(mailbox), second.attempts) == ([first.message_id, second.message_id], 1)


def test_mails_to_others_do_not_wait(db: None, mailbox: MailFolder) -> None:
    written("1", LATER)
    assert deliver(written("2")) == "done"


def test_earlier_mail_in_the_hands_of_another_worker_is_waited_for(db: None, mailbox: MailFolder) -> None:
    first, second = written("1"), written("2")
    OutgoingMail.objects.claim(first.pk, lease=operations.LEASE, wall=MORNING)
    assert deliver(second) == "wanted"


def test_sweep_brings_all_of_them_in_their_order(db: None, mailbox: MailFolder) -> None:
    ids = [written(str(number)).message_id for number in range(5)]
    operations.sweep(now=MORNING, wall=MORNING)
    assert arrived(mailbox) == ids


def test_order_holds_over_an_outage_however_long(db: None, mailbox: MailFolder, settings: Settings) -> None:
    """Whoever reads "cancelled" last must not read "confirmed" after it."""
    own = settings.SMTP
    first, second = written("1"), written("2")
    settings.SMTP = {**own, "EMAIL_PORT": 1}
    for hour in range(3):
        deliver(first, timedelta(hours=hour))
    settings.SMTP = own
    after = timedelta(hours=3)
    assert [deliver(second, after), deliver(first, after), deliver(second, after)] == ["wanted", "done", "done"]
    assert arrived(mailbox) == [first.message_id, second.message_id]


def test_mail_that_is_refused_for_good_is_not_waited_for(db: None, mailbox: MailFolder) -> None:
    first, second = written("1"), written("2")
    OutgoingMail.objects.filter(pk=first.pk).update(outbox_state=OutboxState.FAILED)
    assert deliver(second) == "done"


def test_mail_that_alone_is_put_off_holds_the_next_for_a_quarter_of_an_hour(db: None, mailbox: MailFolder) -> None:
    first, second = written("1", LATER), written("2", LATER)
    deliver(first)
    OutgoingMail.objects.filter(pk=first.pk).update(next_try_at=MORNING + timedelta(hours=1))
    deliver(second, 15 * MINUTE - timedelta(seconds=1))
    assert second.attempts == 0
    deliver(second, 15 * MINUTE)
    assert second.attempts == 1


def test_putting_off_again_does_not_prolong_the_wait(db: None, mailbox: MailFolder) -> None:
    first = written("1", LATER)
    deliver(first)
    deliver(first, 10 * MINUTE)
    assert (first.attempts, first.passed_from) == (2, MORNING + 15 * MINUTE)


def test_mail_that_cannot_be_written_holds_the_next_no_longer(db: None, mailbox: MailFolder) -> None:
    first, second = written("1"), written("2")
    OutgoingMail.objects.filter(pk=first.pk).update(subject="two\nlines")
    assert [deliver(first), deliver(second), deliver(second, 15 * MINUTE)] == ["wanted", "wanted", "done"]


def test_code_neither_waits_nor_is_waited_for(db: None, mailbox: MailFolder) -> None:
    """Ten minutes are all it has."""
    written("1")
    send_code(HANAKO, client="", now=MORNING, wall=MORNING)
    code = OutgoingMail.objects.get(in_order=False)
    last = written("2")
    OutgoingMail.objects.filter(key="1").delete()
    assert [deliver(last), deliver(code)] == ["done", "done"]


def test_end_of_one_mail_wakes_the_next(db: None, mailbox: MailFolder, django_capture_on_commit_callbacks: object) -> None:
    first, second = written("1"), written("2")
    with django_capture_on_commit_callbacks() as woken:
        deliver(first)
    assert (len(woken), deliver(second)) == (1, "done")
