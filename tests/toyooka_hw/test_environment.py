"""Secrets may stand in files, as containers hand them over; one that cannot be read stops the start in words."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from toyooka_hw.environment import Environment, SecretFiles

ROOT = Path(__file__).resolve().parents[2]


def read(name: str, **variables: str) -> str:
    class Given(Environment):
        ENVIRON = SecretFiles(variables)

    value: str = Given().str(name, default="(default)")
    return value


def test_secret_is_read_from_its_file_without_the_line_feed(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    file.write_text("hush $HOME #not a comment \n")
    assert read("SECRET_KEY", SECRET_KEY_FILE=str(file), SECRET_KEY="from the variable") == "hush $HOME #not a comment "


def test_variable_is_taken_as_it_stands() -> None:
    assert (read("SECRET_KEY", SECRET_KEY="spoken"), read("SECRET_KEY")) == ("spoken", "(default)")


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file or directory"), (b"\xff\xfe\x00", "it is not text")])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "secret_key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match=f"^SECRET_KEY_FILE names {file}, which cannot be read: {reason}.$"):
        read("SECRET_KEY", SECRET_KEY_FILE=str(file))


def test_settings_read_addresses_with_passwords_from_files(tmp_path: Path) -> None:
    """Also those that are parsed, and those that would count as unset."""
    (tmp_path / "database").write_text("postgres://portal_app:p%40ss@db:5432/portal\n")
    probe = (
        "from toyooka_hw import settings as s; print(s.DATABASES['default']['PASSWORD'], 'DATABASE_URL' in s.UNSET, 'REDIS_URL' in s.UNSET)"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=ROOT,
        env={"DATABASE_URL_FILE": str(tmp_path / "database")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert outcome.stdout.split() == ["p@ss", "False", "True"]
