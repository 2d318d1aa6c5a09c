"""``import_terms`` saves drafts in somebody's name; ``grant_app_role`` leaves the portal's role no way to rewrite evidence."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from secrets import token_hex, token_urlsafe
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from consent.management.commands.grant_app_role import APPEND_ONLY
from consent.models import TermsVersion
from consent.operations import Shown, agree
from consent.queries import COUNSELLING
from tests.cast import MORNING, Office, make_person, publish_terms
from tests.change import text
from tests.evidence import TABLES, may_be_emptied
from tests.surroundings import database_url

KEEPER = f"keeper_{token_hex(4)}"
ROLE = f"portal_{token_hex(4)}"  # roles belong to the whole server, which parallel tests share


def saved(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_terms", str(file), *options, stdout=out)
    return out.getvalue()


def test_import_saves_drafts_in_the_name_of_whoever_imports(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(text())
    assert saved(file, "--by", "sato") == "試験用オンライン職業相談利用規約　第2版（下書き）　条：2\n"
    version = TermsVersion.objects.get(number=2)
    assert (version.created_by, version.source_name, version.announced_at) == (office.sato.user, "terms.txt", None)
    with pytest.raises(
        CommandError,
        match=r"^同じ文面の版がすでにあります（試験用オンライン職業相談利用規約（.*）　第2版）。改行や空白の違いは、.*。何も保存していません。$",
    ):
        saved(file, "--by", "sato")


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (text(), (), "--by で指定してください"),
        (text(), ("--by", "nobody"), "職員「nobody」が見つかりません"),
        (text(title="試験用釣り大会規約"), ("--by", "sato"), "「試験用釣り大会規約」が、どの利用規約の題名か分かりません"),
        ("試験用の規約\n本文だけです。\n".encode(), ("--by", "sato"), "条が見つかりません"),
    ],
)
def test_import_says_why_nothing_was_saved(office: Office, tmp_path: Path, content: bytes, options: tuple[str, ...], told: str) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        saved(file, *options)
    assert TermsVersion.objects.count() == 1


@contextmanager
def connected_as(role: str, *options: str) -> Iterator[psycopg.Connection]:
    """A connection as a new role, as psql would make it, after the command granted what it grants."""
    password = token_urlsafe(12)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("the test's database role may not create roles")
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    try:
        call_command("grant_app_role", ROLE, *options, stdout=StringIO())
        with psycopg.connect(url_as(role, password), autocommit=True) as connected:
            yield connected
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.fixture
def app(transactional_db: None) -> Iterator[psycopg.Connection]:
    """The portal's own role."""
    with connected_as(ROLE) as connected:
        yield connected


@pytest.fixture
def keeper(app: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The role of retention; nobody is it any more afterwards."""
    with connected_as(KEEPER, "--retention", KEEPER) as connected:
        yield connected
    with connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE FUNCTION consent_may_expire() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false'")


def agreed_person() -> int:
    """The one person who agreed to the terms."""
    version, person = publish_terms(), make_person()
    agree(person, Shown(version.pk, "同意します。", MORNING), document=COUNSELLING, now=MORNING)
    return person.pk


def url_as(role: str, password: str) -> str:
    parts = urlsplit(database_url())
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_role_of_the_portal_only_adds_to_evidence(app: psycopg.Connection, table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            app.execute(statement)
    assert app.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    rights = app.execute("SELECT has_table_privilege(current_user, %s, 'INSERT')", [table]).fetchone()
    assert rights == (True,)


@pytest.mark.django_db
def test_rights_and_triggers_guard_the_same_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%append_only'")
        guarded = {table for (table,) in cursor.fetchall()}
    assert guarded - set(APPEND_ONLY) == set()
    assert len(guarded) > 5


def test_role_of_the_portal_does_its_daily_work(app: psycopg.Connection) -> None:
    row = app.execute("INSERT INTO consent_termsdocument (code, title) VALUES ('trial', 'x') RETURNING id").fetchone()
    app.execute("UPDATE consent_termsdocument SET title = 'y' WHERE id = %s", row)
    app.execute("DELETE FROM consent_termsdocument WHERE id = %s", row)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("TRUNCATE consent_termsdocument CASCADE")


@pytest.mark.parametrize("statement", ["UPDATE consent_consent SET label = 'x'", "DELETE FROM consent_consent"])
def test_owner_of_the_tables_is_refused_by_trigger(person: object, statement: str) -> None:
    with pytest.raises(DatabaseError, match="consent_consent is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_rights_are_refused_to_roles_they_would_not_bind() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    with pytest.raises(CommandError, match="rights would not bind it"):
        call_command("grant_app_role", owner)
    with pytest.raises(CommandError, match="no role nobody_of_tests"):
        call_command("grant_app_role", "nobody_of_tests")


@pytest.mark.parametrize("table", TABLES)
def test_owner_of_the_tables_cannot_empty_the_evidence(db: None, table: str) -> None:
    may_be_emptied(False)
    with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_named_role_expires_consents_and_does_nothing_else(app: psycopg.Connection, keeper: psycopg.Connection) -> None:
    """C0-3 asks for evidence, the retention schedule for its end: one role deletes, nobody rewrites."""
    hanako = agreed_person()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        keeper.execute("UPDATE consent_consent SET label = 'x'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        app.execute("DELETE FROM consent_consent")
    with pytest.raises(DatabaseError, match="consent_consent is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM consent_consent")
    assert keeper.execute("DELETE FROM consent_consent WHERE person_id = %s", [hanako]).rowcount == 1


def test_portal_does_not_expire_its_own_evidence(app: psycopg.Connection) -> None:
    with pytest.raises(CommandError, match="must not expire evidence"):
        call_command("grant_app_role", ROLE, "--retention", ROLE)
