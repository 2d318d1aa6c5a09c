"""A dump that is not whole, not ours or not for this place is refused in words."""

import json
import stat
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from toyooka_hw import clock
from toyooka_hw.backup import BackupFailed, Contents, contents_of, dump
from toyooka_hw.demo.identity import INSTALLATION, wheel_folder

HELD = Contents("2027-04-06T00:30:00+00:00", ["mail.0001_initial"], {"a": 1, "b": 2}, ["a.guard O"], ["a.fits c true"])


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs."""
    monkeypatch.setenv("PATH", str(wheel_folder() / INSTALLATION / "bin"))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (HELD, []),
        (replace(HELD, rows={"a": 1, "b": 3}), ["b: 2 rows, not 3"]),
        (replace(HELD, rows={"a": 1}), ["b: 2 rows, not None"]),
        (replace(HELD, triggers=["a.guard D"]), ["trigger a.guard D", "trigger a.guard O"]),
        (replace(HELD, constraints=[], migrations=[]), ["migration mail.0001_initial", "constraint a.fits c true"]),
    ],
)
def test_what_is_missing_or_too_much_is_named(other: Contents, words: list[str]) -> None:
    assert HELD.differences(other) == words


@pytest.mark.django_db(transaction=True)
def test_dump_is_for_its_owners_eyes(clients: None, tmp_path: Path) -> None:
    file = dump(tmp_path, wall=clock.wall())
    assert [oct(stat.S_IMODE(each.stat().st_mode)) for each in (file, contents_of(file))] == ["0o600"] * 2
    assert sorted(each.suffix for each in tmp_path.iterdir()) == [".dump", ".json"]
    assert json.loads(contents_of(file).read_text())["rows"]["django_migrations"] > 0


@pytest.mark.django_db(transaction=True)
def test_password_stands_in_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of this name that writes down what it was called with."""
    spy = tmp_path / "pg_dump"
    spy.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\necho "$PGPASSWORD" > {tmp_path}/told\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    dump(tmp_path, wall=clock.wall())
    password = (tmp_path / "told").read_text().strip()
    assert (len(password) > 10, password in (tmp_path / "called").read_text()) == (True, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("script", "failure"),
    [
        pytest.param('echo everybody > "$half"; exit 1', BackupFailed, id="while it is dumped"),
        pytest.param('rm "$half"', FileNotFoundError, id="once its contents are written down"),
    ],
)
def test_dump_that_failed_leaves_nothing_behind(
    script: str, failure: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, folder = tmp_path / "bin", tmp_path / "backups"
    programs.mkdir()
    folder.mkdir()
    failing = programs / "pg_dump"
    failing.write_text(f'#!/bin/sh\nfor last; do half="${{last#--file=}}"; done\ntouch {tmp_path}/came\n{script}\n')
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    with pytest.raises(failure):
        dump(folder, wall=clock.wall())
    assert ((tmp_path / "came").exists(), list(folder.iterdir())) == (True, [])


@pytest.mark.django_db(transaction=True)
def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match=r"^pg_dump is not on the PATH: install PostgreSQL's client programs"):
        call_command("backup", str(tmp_path))


def test_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no folder"):
        call_command("backup", str(tmp_path / "nowhere"))


def test_dump_without_its_contents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"portal\.json belongs to the dump and cannot be read: No such file or directory\."):
        call_command("restore", str(tmp_path / "portal.dump"), stdout=StringIO())


@pytest.mark.django_db
def test_database_that_is_in_use_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "portal.dump"
    contents_of(file).write_text(json.dumps(HELD.__dict__))
    with pytest.raises(CommandError, match=r"is not empty\. Restore into a new one: nothing is ever overwritten"):
        call_command("restore", str(file), stdout=StringIO())


def test_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(CommandError, match="has no offset"):
        call_command("restore", "portal.dump", "--stopped-at", "2027-04-08T12:30")
