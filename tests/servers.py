"""Real servers for the tests: PostgreSQL, a Redis-compatible server and a mail server, unless the environment names others.

A pytest plugin, named in pyproject.toml, because Django's settings read the environment before any conftest is loaded. Workers of
pytest-xdist share the database server and the broker of the first process, each with its own database, database number and mail server.
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from toyooka_hw.demo.mailbox import Mail, clear_mails, read_mails, running_mailbox
from toyooka_hw.demo.postgres import running_postgres
from toyooka_hw.demo.valkey import running_valkey

FIXED = {
    "DEMO": "true",
    "CLOCK_SOURCE": "",
    "OFFICE_PHONE": "0796-00-0000",
    "PORTAL_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "ZOOM_ACCOUNT_ID": "test-account",
    "ZOOM_CLIENT_ID": "test-client",
    "ZOOM_CLIENT_SECRET": "test-secret",
    "ZOOM_WEBHOOK_SECRET": "test-webhook-secret",
    # nobody listens there: a test that needs Zoom starts the simulator
    "ZOOM_API_URL": "http://127.0.0.1:1/v2",
    "ZOOM_TOKEN_URL": "http://127.0.0.1:1/oauth/token",
    "ZOOM_PLAN": "business",
    "ZOOM_WEB_URLS": "http://127.0.0.1:*",
}
MAIL_FOLDER = pytest.StashKey[Path]()
OWN_DATABASE = pytest.StashKey[bool]()


@dataclass(frozen=True)
class MailFolder:
    """What the test's mail server has received since the test began."""

    folder: Path

    def mails(self) -> list[Mail]:
        """The messages in the order of arrival."""
        return read_mails(self.folder)

    def clear(self) -> None:
        """Forget what has arrived."""
        clear_mails(self.folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-part", action="store_true", help="kill every part of the demo in turn, not only two of them")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers before pytest-django reads the settings; pytest's own end stops them."""
    servers = ExitStack()
    early_config.add_cleanup(servers.close)
    folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="toyooka-test-", ignore_cleanup_errors=True)))
    folder.chmod(0o711)  # as root PostgreSQL may have to run as another user
    early_config.stash[OWN_DATABASE] = "DATABASE_URL" not in os.environ
    _start(servers, folder)
    early_config.stash[MAIL_FOLDER] = folder / "mail"
    return (yield)


def _keep_bytecode(folder: Path) -> None:
    """Where Python may leave nothing beside the sources, it leaves it here: a run starts dozens of processes, and each would compile everything anew."""
    if sys.dont_write_bytecode:
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(folder)
        sys.dont_write_bytecode = False


def _start(servers: ExitStack, folder: Path) -> None:
    _keep_bytecode(folder / "bytecode")
    os.environ.update(FIXED)
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    os.environ["STATIC_ROOT"] = str(folder)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = servers.enter_context(running_postgres(folder / "postgres", durable=False)).url
    if "REDIS_URL" not in os.environ:
        os.environ["REDIS_URL"] = servers.enter_context(running_valkey(folder / "valkey", durable=False)).url
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        base, _, _ = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{base}/{int(worker.removeprefix('gw')) + 1}"
    os.environ["EMAIL_URL"] = servers.enter_context(running_mailbox(folder / "mail", log=folder / "mailbox.log")).url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker whose database server it finds in its environment."""
    node.workerinput["own_database"] = node.config.stash[OWN_DATABASE]


def pytest_configure(config: pytest.Config) -> None:
    """A server of our own goes away as a whole: dropping the test's database first would only wait for its last sessions."""
    told = getattr(config, "workerinput", {})
    if told.get("own_database", config.stash.get(OWN_DATABASE, False)):
        config.option.reuse_db = True


@pytest.fixture
def mailbox(request: pytest.FixtureRequest) -> MailFolder:
    """The mail server's folder, empty when the test begins."""
    mail_folder = MailFolder(request.config.stash[MAIL_FOLDER])
    mail_folder.clear()
    return mail_folder


@pytest.fixture
def smtp_url(mailbox: MailFolder) -> str:
    """The address of the test's mail server."""
    return os.environ["EMAIL_URL"]
