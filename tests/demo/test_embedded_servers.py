"""The embedded servers as real processes: who runs them, where, what survives, and that nothing is left behind."""

import os
import signal
import socket
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from tests.demo.outsiders import AWKWARD, STARTER, answer, is_running, script
from tests.surroundings import wait_until
from toyooka_hw.demo import postgres, processes
from toyooka_hw.demo.postgres import processes_on, running_postgres
from toyooka_hw.demo.processes import PartFailed
from toyooka_hw.demo.valkey import running_valkey


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def remembered(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY word").fetchall()]


def test_data_is_there_again_on_the_second_start_in_an_awkward_private_place(private: Path) -> None:
    folder = private / AWKWARD / "postgres"

    with running_postgres(folder) as first:
        remember(first.url, "髙橋")
    with running_postgres(folder) as second:
        assert remembered(second.url) == ["髙橋"]

    assert processes_on(folder / "data") == []
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_database_speaks_unicode_and_utc_whatever_the_hosts_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "no_SUCH.locale")
    monkeypatch.setenv("PGPORT", "1")
    with running_postgres(tmp_path / "postgres", durable=False) as server, psycopg.connect(server.url) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in ("server_encoding", "timezone", "unix_socket_directories")}
        sorted_words = connection.execute("SELECT lower('É'), 'Z' < 'a'").fetchone()

    assert shown == {"server_encoding": ("UTF8",), "timezone": ("UTC",), "unix_socket_directories": ("",)}
    assert sorted_words == ("é", True)


def test_wrong_password_is_refused(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "postgres", durable=False) as server:
        address, _, host = server.url.rpartition("@")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"{address}x@{host}")
    assert stat.S_IMODE((tmp_path / "postgres" / "password").stat().st_mode) == 0o600


def test_kill_9_of_the_postmaster_loses_nothing_and_its_old_number_does_not_matter(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with running_postgres(folder) as server:
        remember(server.url, "before the kill")
        server.part.process.send_signal(signal.SIGKILL)
        server.part.process.wait()
    # the number in the file of the dead one belongs to another program by now: ours
    left_behind = folder / "data" / "postmaster.pid"
    lines = left_behind.read_text().splitlines()
    left_behind.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    with running_postgres(folder) as again:
        assert remembered(again.url) == ["before the kill"]


def test_first_start_that_was_cut_off_is_made_good(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")

    with running_postgres(tmp_path / "postgres", durable=False) as server:
        remember(server.url, "made good")


def test_second_server_on_the_same_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ORPHANS_SECONDS", 0.3)
    with running_postgres(tmp_path / "postgres", durable=False) as server:
        with pytest.raises(PartFailed, match="ほかのデータベースが使用中です"), running_postgres(tmp_path / "postgres"):
            pass

        remember(server.url, "undisturbed")


@pytest.mark.parametrize("server", [running_postgres, running_valkey])
def test_port_that_somebody_took_meanwhile_is_left_to_him(server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        ports = iter([taken, processes.free_port()])
        monkeypatch.setattr(processes, "free_port", lambda: next(ports))

        with server(tmp_path / "server", durable=False) as ours:
            assert f":{taken}/" not in ours.url
            assert ours.part.is_alive


def test_program_that_cannot_start_says_why(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "postgres", durable=False):
        pass
    (tmp_path / "postgres" / "data" / "postgresql.conf").write_text("nonsense = 1\n")

    with pytest.raises(PartFailed, match=r'PostgreSQL: 起動できませんでした.*\n(.*\n)*.*unrecognized configuration parameter "nonsense"'):
        with running_postgres(tmp_path / "postgres", durable=False):
            pass


def test_queue_survives_kill_9_in_an_awkward_private_place(private: Path) -> None:
    with running_valkey(private / AWKWARD) as first:
        with redis.Redis.from_url(first.url) as client:
            client.rpush("queue", "task")
            client.execute_command("WAITAOF", 1, 0, 5000)
        first.part.process.send_signal(signal.SIGKILL)
        first.part.process.wait()

    with running_valkey(private / AWKWARD) as second, redis.Redis.from_url(second.url) as client:
        assert client.lrange("queue", 0, -1) == [b"task"]


def test_valkey_asks_for_its_password(tmp_path: Path) -> None:
    with running_valkey(tmp_path, durable=False) as server:
        _, _, host = server.url.rpartition("@")
        with redis.Redis.from_url(f"redis://{host}") as client, pytest.raises(redis.AuthenticationError):
            client.ping()


def test_kill_9_of_the_starter_leaves_no_server(tmp_path: Path) -> None:
    with script(STARTER, tmp_path / "postgres") as starter:
        started = answer(starter)
        starter.kill()

    wait_until(lambda: not any(map(is_running, started["processes"])), what="the end of every process of PostgreSQL")
    with running_postgres(tmp_path / "postgres") as again:
        remember(again.url, "after the kill")
