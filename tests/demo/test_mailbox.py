"""The demo's mail server, spoken to over real SMTP."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.servers import MailFolder
from toyooka_hw.demo.mailbox import Attachment, find_mail, read_mails, running_mailbox


def message(to: str = "hanako@example.jp", subject: str = "予約が確定しました") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "office@example.jp", to, subject, "<1@example.jp>"
    mail.set_content("髙橋 花子 様\n本文です。\n")
    mail.add_attachment("BEGIN:VCALENDAR\r\n", subtype="calendar", filename="予約.ics")
    return mail


def send(smtp_url: str, mail: EmailMessage, *recipients: str) -> dict[str, tuple[int, bytes]]:
    host, port = smtp_url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as client:
        return client.send_message(mail, to_addrs=recipients)


def test_message_is_read_back_as_it_was_sent(smtp_url: str, mailbox: MailFolder) -> None:
    send(smtp_url, message(), "hanako@example.jp", "taro@example.jp")

    (mail,) = mailbox.mails()

    assert (mail.subject, mail.sender, mail.message_id) == ("予約が確定しました", "office@example.jp", "<1@example.jp>")
    assert mail.to == ("hanako@example.jp", "taro@example.jp")
    assert mail.text == "髙橋 花子 様\n本文です。\n"
    assert mail.html == ""
    assert mail.attachments == (Attachment("予約.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n"),)
    assert find_mail(mailbox.folder, mail.key) == mail
    assert find_mail(mailbox.folder, "../" + mail.key) is None


def test_messages_are_listed_in_the_order_of_arrival(smtp_url: str, mailbox: MailFolder) -> None:
    for number in range(5):
        send(smtp_url, message(subject=str(number)), "hanako@example.jp")

    assert [mail.subject for mail in mailbox.mails()] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(("name", "code"), [("refuse-550", 550), ("later-451", 451)])
def test_recipient_who_asks_to_be_refused_is_refused_with_that_number(smtp_url: str, mailbox: MailFolder, name: str, code: int) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(smtp_url, message(), f"{name}@example.jp")

    assert refused.value.recipients == {f"{name}@example.jp": (code, b"refused on request")}
    assert mailbox.mails() == []


def test_second_server_on_the_same_folder_finds_the_messages(tmp_path: Path) -> None:
    folder = tmp_path / "届いた メール"
    with running_mailbox(folder) as first:
        send(first.url, message(), "hanako@example.jp")
    with running_mailbox(folder) as second:
        send(second.url, message(subject="次の便り"), "hanako@example.jp")

    assert [mail.subject for mail in read_mails(folder)] == ["予約が確定しました", "次の便り"]
