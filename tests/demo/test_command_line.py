"""What manage.py works on: what the environment says, before any demo."""

import os
from pathlib import Path

import pytest

from toyooka_hw.demo.command_line import demo_around
from toyooka_hw.demo.datadir import InUse, base_environment, default_data_dir, demo_environment, lasting_port, locked, write_run
from toyooka_hw.demo.processes import is_free


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that the environment names."""
    monkeypatch.setenv("DEMO_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_named_database_is_used_whatever_demo_runs(data_dir: Path) -> None:
    with locked(data_dir):
        write_run(data_dir, {"DATABASE_URL": "postgres://demo", "NEW_NAME": "x"})
        before = dict(os.environ)
        with demo_around(["manage.py", "slots"]):
            assert dict(os.environ) == before


def test_running_demo_is_found_and_fills_only_what_is_missing(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("OFFICE_PHONE", "0796-11-1111")
    with locked(data_dir):
        write_run(data_dir, {"DATABASE_URL": "postgres://demo", "OFFICE_PHONE": "0796-00-0000"})
        with demo_around(["manage.py", "slots", "2027-04-08"]):
            assert (os.environ["DATABASE_URL"], os.environ["OFFICE_PHONE"]) == ("postgres://demo", "0796-11-1111")


@pytest.mark.parametrize("arguments", [["manage.py", "check"], ["manage.py", "--version"], ["manage.py"]])
def test_command_without_a_database_gets_none(arguments: list[str], data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with locked(data_dir):
        write_run(data_dir, {"DATABASE_URL": "postgres://demo"})
        with demo_around(arguments):
            assert "DATABASE_URL" not in os.environ


def test_demo_that_died_is_not_taken_for_a_running_one(data_dir: Path) -> None:
    with locked(data_dir):
        write_run(data_dir, {"DATABASE_URL": "postgres://demo"})
        alive = demo_environment(data_dir)

    assert (alive, demo_environment(data_dir)) == ({"DATABASE_URL": "postgres://demo"}, None)


def test_folder_has_one_user_at_a_time(data_dir: Path) -> None:
    with locked(data_dir), pytest.raises(InUse), locked(data_dir, patience=0.2):
        pass


def test_secret_key_and_ports_stay_the_same_over_restarts(data_dir: Path) -> None:
    first = base_environment(data_dir)["SECRET_KEY"], lasting_port(data_dir, "zoom")

    assert (base_environment(data_dir)["SECRET_KEY"], lasting_port(data_dir, "zoom")) == first
    assert (len(first[0]) > 60, is_free(first[1])) == (True, True)


def test_data_lies_in_the_project_unless_named_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DEMO_DATA_DIR", raising=False)
    named = default_data_dir()
    monkeypatch.setenv("DEMO_DATA_DIR", str(tmp_path))
    otherwise = default_data_dir()

    assert (named.name, otherwise) == (".demo", tmp_path)
