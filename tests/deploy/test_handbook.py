"""The operator's handbook, followed word by word: its commands in its order, with the folders, ports and servers of this test in place of the office's.

Three things are not as written: the packages are those of the tests' own environment, because nothing is downloaded in a test; the name of
the portal is localhost, which needs no entry in anybody's name server; and one account does everything, because a test makes none. The blocks
that begin with ``# root, with systemd`` are not followed; ``test_units.py`` has systemd read what they install.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from tests.crowds import Crowd
from tests.deploy.compose import ROOT
from tests.deploy.handbook import commands
from tests.discretion import secrets_in, secrets_of_mails, whoever_is_told_of
from tests.servers import MailFolder
from tests.simulator import SECRET, running_simulator
from tests.surroundings import system_program, wait_until
from toyooka_hw.demo.identity import INSTALLATION, wheel_folder
from toyooka_hw.demo.mailbox import running_mailbox
from toyooka_hw.demo.postgres import running_postgres
from toyooka_hw.demo.processes import LOOPBACK, free_port
from toyooka_hw.demo.valkey import running_valkey

PATIENCE = 300  # seconds for one section
AT_ONCE = 2
BETWEEN_LOOKS = 0.2  # seconds: people, and no flood that leaves the operator no processor
ADMINISTRATOR = "kanri@office.example.jp"


@dataclass
class Operator:
    """A shell that stays open, as the handbook says, and where its operator's things are."""

    folder: Path
    stand_ins: dict[str, str]
    login: dict[str, str]
    shell: subprocess.Popen[bytes]
    tls_port: int
    mails: MailFolder
    database: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.tls_port}"

    def follow(self, *blocks: str) -> str:
        """Type these commands; what they said. Fails where one of them fails."""
        log, done = self.folder / "said", self.folder / "done"
        done.unlink(missing_ok=True)
        before = log.stat().st_size
        assert self.shell.stdin
        self.shell.stdin.write(f"{self.mine(''.join(blocks))}\ntouch {done}\n".encode())
        self.shell.stdin.flush()
        wait_until(lambda: done.exists() or self.shell.poll() is not None, what="the commands to end", seconds=PATIENCE)
        said = log.read_bytes()[before:].decode()
        assert self.shell.poll() is None, said
        return said

    def follow_in_a_new_shell(self, *blocks: str) -> str:
        """The same on another day: nothing of what was typed before is known."""
        typed = self.mine("".join(blocks))
        return subprocess.run(["bash", "-e"], env=self.login, input=typed, capture_output=True, text=True, check=True).stdout

    def mine(self, text: str) -> str:
        """With this test's places. Every stand-in is used: what the handbook no longer says must not be replaced."""
        for theirs, ours in self.stand_ins.items():
            text = text.replace(theirs, ours)
        return text

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, verify=str(self.folder / "etc-proxy" / "tls_certificate"), timeout=PATIENCE)

    def looks_up(self) -> int:
        """The status of a page that anybody may read, and then of how it is drawn; 0: no answer."""
        try:
            page = self.get("/guide/")
            return self.get(style(page)).status_code if page.ok else page.status_code
        except requests.RequestException:
            return 0

    def port(self) -> int:
        """Where the proxy sends people."""
        (port,) = re.findall(r"proxy_pass http://127\.0\.0\.1:(\d+);", (self.folder / "etc-proxy" / "nginx.conf").read_text())
        return int(port)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database) as database:
            return database.execute(statement).fetchall()  # type: ignore[arg-type]  # written in this file


def style(page: requests.Response) -> str:
    """Where this page has its style sheet from; another version has another one."""
    (address,) = re.findall(r'href="(/static/portal\.\w+\.css)"', page.text)
    return str(address)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    for program in ("nginx", "openssl", "curl", "git"):
        system_program(program, otherwise="the handbook is not followed")
    for place in (tmp_path, tmp_path.parent):
        place.chmod(0o711)  # as root PostgreSQL may have to run as another user
    with ExitStack() as stack:
        database = stack.enter_context(running_postgres(tmp_path / "postgres", durable=False))
        broker = stack.enter_context(running_valkey(tmp_path / "valkey", durable=False))
        mailbox = stack.enter_context(running_mailbox(tmp_path / "mail"))
        zoom = stack.enter_context(running_simulator()).config()
        ports = {name: free_port() for name in ("tls", "plain", "8000", "8001")}
        server = urlsplit(database.url)
        stand_ins = {
            "--retry 30 ": f"--retry {PATIENCE} ",  # the machine is busier than an operator's
            "curl -fsS https": f"curl -fsS --retry {PATIENCE} --retry-delay 1 https",
            # Beside the packages: a style sheet that is not the one of the version before
            "uv sync --quiet --no-default-groups": f"ln -s {sys.prefix} .venv; echo '/*' $PWD '*/' >> static/portal.css",
            "-o portal-owner -g portal ": "",
            "https://git.example.jp/portal.git": str(ROOT),
            **{f"/{room}/portal": f"{tmp_path}/{room.replace('/', '-')}" for room in ("srv", "var/log", "run", "etc", "var/backups")},
            "db.example.jp:5432": f"{LOOPBACK}:{server.port}",
            "redis://:REDIS_PASSWORD@redis.example.jp:6379/0": broker.url,
            "smtp+tls://SMTP_USER:SMTP_PASSWORD@mail.example.jp:587": mailbox.url,
            '"ZOOM_SECRET"': f'"{zoom.client_secret}"',
            '"WEBHOOK_SECRET"': f'"{SECRET}"',
            "ZOOM_ACCOUNT_ID=account": f"ZOOM_ACCOUNT_ID={zoom.account_id}",
            "ZOOM_CLIENT_ID=client": f"ZOOM_CLIENT_ID={zoom.client_id}",
            "https://api.zoom.us/v2": zoom.api_url,
            "https://zoom.us/oauth/token": zoom.token_url,
            "no-reply@portal.example.jp": "no-reply@office.example.jp",
            "https://portal.example.jp": f"https://localhost:{ports['tls']}",
            "portal.example.jp": "localhost",
            "s|/run/secrets/tls_|": f"s|listen 443|listen {ports['tls']}|; s|listen 80;|listen {ports['plain']};|; s|/run/secrets/tls_|",
            "start_web 8000": f"start_web {ports['8000']}",
            "case $old in 8000)": f"case $old in {ports['8000']})",
            "new=8000": f"new={ports['8000']}",
            "answers 8000": f"answers {ports['8000']}",
            "127.0.0.1:8000": f"127.0.0.1:{ports['8000']}",
            "8001": str(ports["8001"]),
        }
        with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as admin:
            admin.execute("DROP DATABASE portal")  # the embedded server comes with one
        (tmp_path / "etc-proxy").mkdir()
        certificate(tmp_path / "etc-proxy")
        login = _login(tmp_path, database.url)
        with _shell(tmp_path, login) as shell:
            as_superuser = server._replace(path="/portal").geturl()
            yield Operator(tmp_path, stand_ins, login, shell, ports["tls"], MailFolder(mailbox.folder), as_superuser)


def _login(folder: Path, database: str) -> dict[str, str]:
    """Nothing of the tests' environment; PostgreSQL's programs on the PATH, its superuser's way in PG…."""
    server = urlsplit(database)
    return {
        "PATH": f"{wheel_folder() / INSTALLATION / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PGHOST": LOOPBACK,
        "PGPORT": str(server.port),
        "PGUSER": str(server.username),
        "PGPASSWORD": str(server.password),
        "CURL_CA_BUNDLE": f"{folder}/etc-proxy/tls_certificate",
        "REQUESTS_CA_BUNDLE": f"{folder}/etc-proxy/tls_certificate",
    }


@contextmanager
def _shell(folder: Path, login: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "said").open("ab") as said:
        shell = subprocess.Popen(["bash", "-e"], env=login, stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True)
    try:
        yield shell
    finally:
        for group in (shell.pid, *_nginx(folder)):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        shell.communicate()


def _nginx(folder: Path) -> list[int]:
    pid = folder / "run" / "nginx.pid"
    return [int(pid.read_text())] if pid.exists() else []


def certificate(folder: Path) -> None:
    """As the office would have put it there."""
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", folder / "tls_key", "-out", folder / "tls_certificate"]
    subprocess.run(
        ["openssl", "req", "-x509", "-days", "2", "-newkey", "rsa:2048", "-nodes", *files, *names], capture_output=True, check=True
    )


def test_handbook_is_followed_from_an_empty_machine_to_the_next_version(operator: Operator) -> None:
    sections = commands()
    everything = "".join(block for blocks in sections.values() for block in blocks)
    assert [theirs for theirs in operator.stand_ins if theirs not in everything] == []

    said = operator.follow(*sections[2])
    assert "System check identified no issues" in said
    assert re.search(rf"{re.escape(operator.url)}/admin/welcome/\S+", said)
    assert "認証・権限・Zoomホストに問題はありません。" in said
    wait_until(operator.mails.mails, what="the invitation")
    assert [mail.to for mail in operator.mails.mails()] == [(ADMINISTRATOR,)]
    assert (operator.get("/").status_code, operator.get("/readyz").text) == (200, "ok")

    assert 'portal_outbox_waiting{outbox="mails"}' in operator.follow(*sections[3])
    assert "no such request" in operator.follow(*sections[4])
    assert operator.follow_in_a_new_shell(*sections[5]).rstrip().endswith(".dump")

    said = operator.follow(*sections[6])
    assert re.search(r"\d+ rows in \d+ tables", said)
    assert operator.rows("SELECT email FROM accounts_user") == [(ADMINISTRATOR,)]

    *onwards, back = sections[7]
    first = (operator.port(), style(operator.get("/guide/")))
    with Crowd(operator.looks_up, at_once=AT_ONCE, pause=BETWEEN_LOOKS) as crowd:
        operator.follow(*onwards)
        second = (operator.port(), style(operator.get("/guide/")))
        assert (operator.folder / "srv" / "current").resolve().name == "2"
        assert [operator.get(drawn).status_code for _port, drawn in (first, second)] == [200, 200]
        operator.follow(back)
        crowd.asks(10)
    assert set(crowd.answers) == {200}
    assert (operator.folder / "srv" / "current").resolve().name == "1"
    assert (operator.port(), style(operator.get("/guide/"))) == first != second
    assert operator.get(second[1]).status_code == 200

    certificate(operator.folder / "etc-proxy")
    operator.follow(*sections[8])
    wait_until(lambda: operator.looks_up() == 200, what="the new certificate, the only one that is believed now")

    logs = {path.name: path.read_text() for path in (operator.folder / "var-log").glob("*.log")}
    assert [line for log in logs.values() for line in log.splitlines() if "Traceback" in line] == []
    assert whoever_is_told_of(logs, [*secrets_in(ADMINISTRATOR, "the administrator"), *secrets_of_mails(operator.mails)]) == []
