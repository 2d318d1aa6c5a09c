"""Where the mail server is spoken to by TLS, somebody has to vouch for it; else the mail waits (japan.md §4.3)."""

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from tests.cast import MORNING
from tests.surroundings import system_program
from toyooka_hw.demo.processes import free_port
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.mail.operations import deliver

pytestmark = pytest.mark.django_db
HOST = "127.0.0.1"


class Keeper:
    """Takes every mail."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.subjects.append(str(envelope.mail_from))
        return "250 kept"


class TlsOnly(Controller):
    """A server that takes nothing before STARTTLS, with a certificate of its own."""

    def __init__(self, handler: Keeper, context: ssl.SSLContext) -> None:
        super().__init__(handler, hostname=HOST, port=free_port())
        self.context = context

    def factory(self) -> SMTP:
        return SMTP(self.handler, tls_context=self.context, require_starttls=True)


@dataclass(frozen=True)
class MailServer:
    keeper: Keeper
    certificate: Path


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[MailServer]:
    openssl = system_program("openssl", otherwise="nobody makes certificates")
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate]
    subprocess.run([*made, "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}"], capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    keeper = Keeper()
    controller = TlsOnly(keeper, context)
    controller.start()
    settings.SMTP = {**settings.SMTP, "EMAIL_HOST": HOST, "EMAIL_PORT": controller.port, "EMAIL_USE_TLS": True}
    yield MailServer(keeper, certificate)
    controller.stop()


def delivered() -> OutgoingMail:
    mail = OutgoingMail.objects.create(
        key="x",
        to="hanako@example.jp",
        subject="件名",
        body="本文\n",
        message_id="<x@example.jp>",
        written_at=MORNING,
        queued_at=MORNING,
        next_try_at=MORNING,
    )
    deliver(mail.pk, now=MORNING, wall=MORNING)
    mail.refresh_from_db()
    return mail


def test_server_that_nobody_vouches_for_gets_nothing(server: MailServer) -> None:
    mail = delivered()
    assert (mail.outbox_state, mail.last_error, server.keeper.subjects) == ("wanted", "SSLCertVerificationError", [])


def test_server_that_the_office_vouches_for_gets_the_mail(server: MailServer, settings: Settings) -> None:
    settings.EMAIL_CA_BUNDLE = str(server.certificate)
    mail = delivered()
    assert (mail.outbox_state, len(server.keeper.subjects)) == ("done", 1)
