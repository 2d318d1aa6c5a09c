"""Dumping the database and bringing it back, with PostgreSQL's own programs (``pg_dump`` and ``pg_restore`` on the PATH; decision 41).

Beside every dump lies a list of what is in it, counted in the very snapshot that was dumped; what came back is held against it.
"""

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Identifier

from toyooka_hw.ready import known_migrations

GAP = 1_000_000  # more rows than can have been written between a dump and the day it is needed
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
_TRIGGERS = """
SELECT relname || '.' || tgname || ' ' || tgenabled::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace ORDER BY 1
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text || '.' || conname || ' ' || contype::text || ' ' || convalidated::text FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 ORDER BY 1
"""
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"


class BackupFailed(Exception):
    """A dump or a restore did not come about. The words are for the operator."""


@dataclass(frozen=True)
class Contents:
    """What is in a database: the migrations it has seen, the rows of each table, what guards them. ``taken_at``: real time."""

    taken_at: str
    migrations: list[str]
    rows: dict[str, int]
    triggers: list[str]
    constraints: list[str]

    def differences(self, other: "Contents") -> list[str]:
        """In words, where the other one is not the same."""
        counts = [
            f"{table}: {self.rows.get(table)} rows, not {other.rows.get(table)}"
            for table in sorted(self.rows.keys() | other.rows.keys())
            if self.rows.get(table) != other.rows.get(table)
        ]
        pairs = {"migration": "migrations", "trigger": "triggers", "constraint": "constraints"}
        return counts + [
            f"{what} {name}" for what, field in pairs.items() for name in sorted(set(getattr(self, field)) ^ set(getattr(other, field)))
        ]


def dump(folder: Path, *, wall: datetime) -> Path:
    """Dump the database into a new file of this folder, readable by nobody else, with its contents beside it. Raises BackupFailed.

    Both are of one snapshot, while the portal goes on working. A dump that failed leaves nothing behind.
    """
    file = folder / f"portal-{wall:%Y%m%dT%H%M%SZ}.dump"
    half = file.with_suffix(".new")
    try:
        contents = _dump_into(half, wall=wall)
        _open_for_us_alone(contents_of(file))
        contents_of(file).write_text(json.dumps(asdict(contents), indent=1))
        half.rename(file)
    except BaseException:  # Ctrl-C, too: what is half is everything about half of the people
        half.unlink(missing_ok=True)
        contents_of(file).unlink(missing_ok=True)
        raise
    return file


def _dump_into(half: Path, *, wall: datetime) -> Contents:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # it waits for the whole dump
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        contents = _contents(cursor, taken_at=wall)
        _open_for_us_alone(half)
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={half}")
    return contents


def contents_of(file: Path) -> Path:
    """Where the contents of this dump are written down."""
    return file.with_suffix(".json")


def bring_back(file: Path) -> Contents:
    """Restore the dump into the empty database, all of it or nothing, and hold it against its contents. Raises BackupFailed.

    Numbers go on after a gap: those that were given out after the dump, in mailed links for one, must never mean another row.
    """
    try:
        expected = Contents(**json.loads(contents_of(file).read_text()))
    except OSError as error:
        raise BackupFailed(f"{contents_of(file)} belongs to the dump and cannot be read: {error.strerror}.") from error
    _refuse_unfit(expected)
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--dbname={_name()}", str(file))
    with transaction.atomic(), connection.cursor() as cursor:
        found = _contents(cursor, taken_at=datetime.fromisoformat(expected.taken_at))
        if wrong := expected.differences(found):
            raise BackupFailed("What came back is not what was dumped: " + "; ".join(wrong))
        _leave_gaps(cursor)
    return expected


def _contents(cursor: CursorWrapper, *, taken_at: datetime) -> Contents:
    def names(statement: str) -> list[str]:
        cursor.execute(statement)
        return [name for (name,) in cursor.fetchall()]

    rows = {}
    for table in names(_TABLES):
        cursor.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
        (rows[table],) = cursor.fetchone()
    migrations = names("SELECT app || '.' || name FROM django_migrations ORDER BY 1") if "django_migrations" in rows else []
    return Contents(taken_at.isoformat(), migrations, rows, names(_TRIGGERS), names(_CONSTRAINTS))


def _refuse_unfit(expected: Contents) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        if cursor.fetchall():
            raise BackupFailed(f"The database {_name()} is not empty. Restore into a new one: nothing is ever overwritten.")
    if newer := sorted(set(expected.migrations) - {f"{app}.{name}" for app, name in known_migrations()}):
        raise BackupFailed(f"The dump is of a newer version of the portal: {', '.join(newer)}. Restore it with that version.")


def _leave_gaps(cursor: CursorWrapper) -> None:
    cursor.execute(_SEQUENCES)
    for (name,) in cursor.fetchall():
        cursor.execute(SQL("SELECT setval(%s::regclass, last_value + %s) FROM {}").format(Identifier(name)), [f'public."{name}"', GAP])


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _open_for_us_alone(file: Path) -> None:
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))


def _run(program: str, *arguments: str) -> None:
    try:
        outcome = subprocess.run([program, *arguments], env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own
    except FileNotFoundError as error:
        raise BackupFailed(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's version or newer."
        ) from error
    if outcome.returncode:
        raise BackupFailed(f"{program} ended with {outcome.returncode}: {outcome.stderr.strip()}")


def _environment() -> dict[str, str]:
    """The way to the portal's database; the password stands in no command line."""
    settings = connection.settings_dict
    ways = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    options = {f"PG{name.upper()}": str(value) for name, value in settings["OPTIONS"].items() if name.startswith("ssl")}
    return os.environ | {name: str(settings[key]) for name, key in ways.items() if settings[key]} | options
