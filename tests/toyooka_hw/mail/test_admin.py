"""Mails in the admin: secrets masked, failures sent again by a button only."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import MORNING, Office
from tests.visitor import at_time, text_of
from toyooka_hw.accounts.models import User
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import post
from toyooka_hw.outbox import OutboxState

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(office: Office) -> OutgoingMail:
    written = post("code", to="hanako@example.jp", key="code:1", now=MORNING, wall=MORNING, context={"code": "493817"}, secrets=["493817"])
    assert written is not None
    return written


@pytest.fixture
def client(office: Office, staff_client: Callable[[User], Client]) -> Client:
    with at_time(MORNING):
        return staff_client(office.staff)


def test_code_that_is_still_on_its_way_is_masked(client: Client, mail: OutgoingMail) -> None:
    with at_time(MORNING):
        page = client.get(f"/admin/mail/outgoingmail/{mail.pk}/change/").content.decode()
    assert ("493817" in page, "●●●" in page) == (False, True)


def test_list_masks_the_address(client: Client, mail: OutgoingMail) -> None:
    with at_time(MORNING):
        page = client.get("/admin/mail/outgoingmail/").content.decode()
    assert ("h***@example.jp" in page, "hanako@example.jp" in page) == (True, False)


@pytest.mark.parametrize(
    ("state", "after", "words"),
    [
        ("failed", OutboxState.WANTED, "メールをもう一度送ります。"),
        ("done", OutboxState.DONE, "このメールは、すでに送信済みか、送信の途中です。"),
    ],
)
def test_only_a_failed_mail_is_sent_again(client: Client, mail: OutgoingMail, state: str, after: str, words: str) -> None:
    OutgoingMail.objects.update(outbox_state=state)
    with at_time(MORNING):
        page = client.post(f"/admin/mail/outgoingmail/{mail.pk}/again/", follow=True)
    mail.refresh_from_db()
    assert (mail.outbox_state, words in text_of(page)) == (after, True)


def test_sending_again_is_never_a_get(client: Client, mail: OutgoingMail) -> None:
    with at_time(MORNING):
        assert client.get(f"/admin/mail/outgoingmail/{mail.pk}/again/").status_code == 405
