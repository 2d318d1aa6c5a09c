"""What came back: reports are read, mails marked once, in the audit as the portal's own doing; nothing of a server's words is kept."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from booking.models import Booking
from tests.cast import MORNING, Office
from tests.servers import MailFolder
from tests.toyooka_hw.mail.reports import report
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.mail.bounces import Bounce, in_words, read_report, status_of
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import BOUNCES_WITHIN, deliver, record_bounce
from toyooka_hw.outbox import OutboxState

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_report_names_mail_recipient_and_status(kind: str) -> None:
    found = read_report(report(kind=kind))
    assert found == Bounce("<1@portal.example.jp>", "hanako@example.jp", "5.1.1")


def test_report_without_the_mail_names_the_recipient_alone() -> None:
    assert read_report(report("")) == Bounce("", "hanako@example.jp", "5.1.1")


@pytest.mark.parametrize(
    "raw",
    [
        report(action="delayed", status="4.4.1"),
        report(action="delivered", status="2.0.0"),
        report(action="failed", status="4.4.7 "),
        b"Subject: out of office\r\n\r\nI am away.",
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n--b--",
    ],
)
def test_what_is_no_final_report_is_none(raw: bytes) -> None:
    assert read_report(raw) is None


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [(550, b"5.1.1 <x>: no such user", "5.1.1"), (550, "nobody", "550"), (452, b"4.2.2 full", "4.2.2"), (550, b"\xe3\x81", "550")],
)
def test_status_of_a_refusal_is_a_number_only(code: int, words: bytes | str, status: str) -> None:
    assert status_of(code, words) == status


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "宛先のアドレスが見つかりません。"),
        ("5.2.2", "相手の受信箱がいっぱいです。"),
        ("5.7.1", "相手のメールサーバーが受け取りを断りました。受信拒否（ドメイン指定受信など）の設定によることがあります。"),
        ("550", "相手のメールサーバーが受け取りを断りました。"),
    ],
)
def test_status_is_told_in_words(status: str, words: str) -> None:
    assert in_words(status) == words


@pytest.fixture
def mail(requested: Booking, mailbox: MailFolder) -> OutgoingMail:
    """The mail of the request, accepted by the server."""
    sent = OutgoingMail.objects.get()
    deliver(sent.pk, now=MORNING, wall=MORNING)
    sent.refresh_from_db()
    return sent


def noted(bounce: Bounce, after: timedelta = timedelta(minutes=1)) -> bool:
    return record_bounce(bounce, now=MORNING + after, wall=MORNING + after)


def test_mail_that_came_back_is_marked_once(mail: OutgoingMail) -> None:
    bounce = Bounce(mail.message_id, "forwarded@elsewhere.example.jp", "5.1.1")
    assert [noted(bounce), noted(bounce, timedelta(minutes=2))] == [True, False]
    mail.refresh_from_db()
    assert (mail.bounced_at, mail.bounce, mail.outbox_state) == (MORNING + timedelta(minutes=1), "5.1.1", OutboxState.DONE)
    entry = AuditEntry.objects.get(what="メールが届かずに戻る")
    assert (entry.by, entry.subject_pk) == (None, str(mail.pk))


def test_report_without_message_id_means_the_last_mail_to_the_address(mail: OutgoingMail) -> None:
    assert noted(Bounce("", "nobody@example.jp", "5.1.1")) is False
    assert noted(Bounce("", mail.to, "5.1.1"), BOUNCES_WITHIN) is False
    assert noted(Bounce("", mail.to, "5.1.1"), BOUNCES_WITHIN - timedelta(seconds=1)) is True


def test_report_of_a_mail_of_nobodys_is_left_alone(mail: OutgoingMail) -> None:
    assert (noted(Bounce("<forged@x>", mail.to, "5.1.1")), OutgoingMail.objects.get().bounced_at) == (False, None)


@pytest.mark.parametrize(("code", "bounce"), [("550", "550"), ("451", "")])
def test_address_that_is_refused_for_good_is_marked_at_once(requested: Booking, mailbox: MailFolder, code: str, bounce: str) -> None:
    name = "refuse" if code == "550" else "later"
    OutgoingMail.objects.update(to=f"{name}-{code}@example.jp")
    sent = OutgoingMail.objects.get()
    deliver(sent.pk, now=MORNING, wall=MORNING)
    sent.refresh_from_db()
    assert (sent.bounce, sent.bounced_at) == (bounce, MORNING if bounce else None)


def said_to(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> str:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(raw)))
    out = StringIO()
    call_command("record_bounce", stdout=out)
    return out.getvalue().strip()


def test_command_reads_one_report_from_the_pipe(mail: OutgoingMail, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = report(mail.message_id)
    assert [said_to(monkeypatch, raw), said_to(monkeypatch, raw)] == ["noted", "no mail of ours, or known already"]
    assert AuditEntry.objects.get().door == "manage.py record_bounce"


def test_command_leaves_other_mail_alone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said_to(monkeypatch, b"Subject: hello\r\n\r\nhello") == "not a report of a mail that did not arrive"


def test_command_without_a_database_asks_to_be_called_again() -> None:
    """EX_TEMPFAIL: the mail server keeps the report."""
    environment = {
        "DEMO": "true",
        "SECRET_KEY": "x" * 60,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none?connect_timeout=1",
        "PATH": "",
    }
    command = [sys.executable, "manage.py", "record_bounce"]
    done = subprocess.run(command, cwd=ROOT, env=environment, input=report(), capture_output=True, check=False)
    assert (done.returncode, b"the database cannot be reached" in done.stderr) == (75, True)


def test_audit_names_the_portal_itself(mail: OutgoingMail, office: Office, staff_client: Callable[[User], Client]) -> None:
    noted(Bounce(mail.message_id, mail.to, "5.1.1"))
    with at_time(MORNING + timedelta(hours=1)):
        words = text_of(staff_client(office.staff).get("/admin/audit/auditentry/"))
    assert ("メールが届かずに戻る" in words, "システム" in words) == (True, True)
