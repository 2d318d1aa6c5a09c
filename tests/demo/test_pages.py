"""The demo's pages: the guided tour and the mails."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.servers import MailFolder
from toyooka_hw import clock
from toyooka_hw.demo import people
from toyooka_hw.demo.accounts import DEMO_STAFF, live_code, seconds_left
from toyooka_hw.demo.operations import open_story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings: LazySettings, mailbox: MailFolder) -> None:
    """The demo's clock rules, and its mails are those of the tests' mail server."""
    settings.CLOCK_SOURCE = "toyooka_hw.demo.clock.now"
    settings.DEMO_DATA_DIR = str(mailbox.folder.parent)
    open_story(wall=clock.wall())


def deliver(url: str, *, html: str = "") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "office@example.jp", "hanako@example.jp", "予約が確定しました"
    mail.set_content("次のページでご確認ください\nhttp://testserver/b/abc/\n")
    if html:
        mail.add_alternative(html, subtype="html")
    mail.add_attachment("BEGIN:VCALENDAR\r\n", subtype="calendar", filename="予約.ics")
    host, port = url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.send_message(mail)


def test_tour_shows_accounts_with_live_codes_and_the_bar(client: Client) -> None:
    before = clock.wall()
    page = client.get("/demo/")
    shown = {account.username: code for account, code in page.context["staff"]}

    assert page.status_code == 200
    assert list(shown) == ["sato", "tanaka", "ueda", "kanri", "system", "kansa"]
    assert shown in [{each.username: live_code(each.username, at) for each in DEMO_STAFF} for at in (before, clock.wall())]
    assert "9:30" in page.content.decode()
    assert 'action="/demo/clock/"' in page.content.decode()


def test_tour_leads_to_sessions_of_now_to_employers_requests_and_to_seminars(client: Client) -> None:
    page = client.get("/demo/").content.decode()

    for address in ("/now/", "/employer/", "/admin/booking/booking/desk/", "/admin/booking/booking/employers/", "/seminars/"):
        assert f'href="{address}"' in page
    for mailbox in (people.KAYOKO.mailbox, people.SATORU.mailbox, people.OSAMU.mailbox):
        assert mailbox in page


def test_codes_are_given_fresh_to_the_tours_script(client: Client) -> None:
    answer = client.get("/demo/codes/").json()

    assert (sorted(answer["codes"]), 1 <= answer["left"] <= 30) == (["kanri", "kansa", "sato", "system", "tanaka", "ueda"], True)


def test_code_changes_every_thirty_seconds() -> None:
    half_past = clock.wall().replace(second=30, microsecond=0)

    assert seconds_left(half_past) == 30
    assert seconds_left(half_past.replace(second=59)) == 1
    assert live_code("sato", half_past) == live_code("sato", half_past.replace(second=59))
    assert live_code("sato", half_past) != live_code("tanaka", half_past)


def test_mail_is_listed_and_read_with_its_links_and_attachments(client: Client, mailbox: MailFolder, smtp_url: str) -> None:
    deliver(smtp_url)
    (mail,) = mailbox.mails()

    listed, read = client.get("/demo/mail/").content.decode(), client.get(f"/demo/mail/{mail.key}/").content.decode()

    assert f'<a href="/demo/mail/{mail.key}/">予約が確定しました</a>' in listed
    assert '<a href="http://testserver/b/abc/"' in read
    assert "予約.ics（text/calendar）" in read
    assert "<iframe" not in read


def test_html_part_is_shown_in_a_sandbox_without_scripts(client: Client, mailbox: MailFolder, smtp_url: str) -> None:
    deliver(smtp_url, html="<p>こんにちは<script>alert(1)</script></p>")
    (mail,) = mailbox.mails()

    page, part = client.get(f"/demo/mail/{mail.key}/"), client.get(f"/demo/mail/{mail.key}/html/")

    assert f'<iframe sandbox title="HTML形式の本文" src="/demo/mail/{mail.key}/html/">' in page.content.decode()
    assert part["X-Frame-Options"] == "SAMEORIGIN"
    policy = {line.strip().partition(" ")[0]: line.strip().partition(" ")[2] for line in part["Content-Security-Policy"].split(";")}
    assert (policy["default-src"], policy["frame-ancestors"], policy["sandbox"]) == ("'none'", "'self'", "")
    assert "script-src" not in policy


def test_mail_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/demo/mail/00000000000000000001/").status_code == 404


def test_mail_page_without_a_mail_folder_is_empty(client: Client, settings: LazySettings, tmp_path: Path) -> None:
    settings.DEMO_DATA_DIR = str(tmp_path)

    assert client.get("/demo/mail/").context["mails"] == []
