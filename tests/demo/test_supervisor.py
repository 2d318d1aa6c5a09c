"""``manage.py demo`` as a newcomer starts it: everything comes up, everything goes down, and nothing is left behind, whoever is killed."""

import http.client
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.demo.outsiders import ROOT, command_of, descendants, fresh_environment, is_running, parents
from tests.surroundings import PATIENCE_SECONDS, wait_until
from toyooka_hw.demo.datadir import demo_environment, wipe
from toyooka_hw.demo.processes import free_port

PARTS = {
    "PostgreSQL": "bin/postgres -D",
    "Valkey": "valkey-server",
    "メールサーバー": "toyooka_hw.demo.mailbox",
    "模擬Zoom": "toyooka_hw.demo.simulator",
    "Webサーバー": "gunicorn",
    "Celery worker": "toyooka_hw worker",
    "Celery beat": "toyooka_hw beat",
}
USUALLY_KILLED = {"PostgreSQL", "Webサーバー"}
PAGES = ("/healthz", "/", "/slots/", "/demo/", "/demo/mail/", "/admin/login/")


@dataclass
class Demo:
    """A demo that somebody started in a terminal."""

    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def everybody(self) -> list[int]:
        return [self.process.pid, *descendants(self.process.pid)]

    def part(self, name: str) -> int:
        """The process of this part; its own children do not count."""
        found = {child for child in descendants(self.process.pid) if PARTS[name] in command_of(child)}
        above = parents()
        (part,) = (child for child in found if above.get(child) not in found)
        return part

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the signal, wait for the end, return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def status(self, path: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("GET", path)
            with connection.getresponse() as response:
                return response.status


def manage(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run manage.py as somebody with an empty environment would."""
    command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
    surroundings = fresh_environment() | (environment or {})
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)


@contextmanager
def demo(data_dir: Path, *options: str, launcher: tuple[str, ...] = ()) -> Iterator[Demo]:
    """A demo that answers; whatever the test does with it, nothing of it outlives the block."""
    port, output = free_port(), data_dir.parent / "output.txt"
    command = [*launcher, sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port), "--data-dir", str(data_dir), *options]
    with output.open("w") as out, ExitStack() as stack:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=fresh_environment(), text=True, start_new_session=True)
        stack.callback(process.wait)
        stack.callback(process.kill)
        running = Demo(process, data_dir, port, output)
        wait_until(lambda: "（あと" in running.said or process.poll() is not None, what="the demo's addresses")
        assert process.poll() is None, running.said
        yield running


def all_ended(processes: list[int]) -> Callable[[], bool]:
    return lambda: not any(map(is_running, processes))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the module: the first start makes it, the later ones find it."""
    private = tmp_path_factory.mktemp("demo") / "デモ の場所"
    private.mkdir(mode=0o700)
    return private / "data"


def on_data(data_dir: Path, *arguments: object) -> str:
    """What manage.py says of the demo's data, without a DATABASE_URL."""
    told = manage(*arguments, environment={"DEMO_DATA_DIR": str(data_dir)})
    assert told.returncode == 0, told.stderr
    return told.stdout


def shift_of(data_dir: Path) -> str:
    """How far this story's clock is ahead: every story has its own, to the microsecond."""
    return on_data(data_dir, "shell", "--no-imports", "-c", "from toyooka_hw.demo.models import DemoClock; print(DemoClock.objects.get())")


def test_one_command_brings_everything_up_and_ctrl_c_takes_it_down(data_dir: Path) -> None:
    with demo(data_dir) as running:
        everybody = running.everybody
        pages = {path: running.status(path) for path in PAGES}
        second = manage("demo", "--port", free_port(), "--data-dir", data_dir)
        taken = manage("demo", "--port", running.port, "--data-dir", data_dir.parent / "other")
        explained = json.loads(on_data(data_dir, "slots", "2027-04-08", "--json"))
        secret = {name: stat.S_IMODE((data_dir / name).stat().st_mode) for name in ("run.json", "secrets.json", "ports.json")}
        code = running.end()

    assert pages == dict.fromkeys(PAGES, 200)
    assert (second.returncode, "このデータフォルダーでは、デモがすでに動いています" in second.stderr) == (1, True)
    assert (taken.returncode, f"ポート {running.port} は使えません" in taken.stderr) == (1, True)
    assert len(explained["days"]) == 1
    assert secret == dict.fromkeys(secret, 0o600)
    assert (code, all_ended(everybody)()) == (0, True)
    assert (demo_environment(data_dir), (data_dir / "run.json").exists()) == (None, False)
    assert stat.S_IMODE(data_dir.parent.stat().st_mode) == 0o700


def test_data_of_a_demo_that_does_not_run_can_be_asked(data_dir: Path) -> None:
    explained = json.loads(on_data(data_dir, "slots", "2027-04-08", "--days", "2", "--json"))

    assert len(explained["days"]) == 2


def test_kill_9_of_the_supervisor_leaves_nothing_and_the_next_start_finds_the_data(data_dir: Path) -> None:
    before = shift_of(data_dir)
    with demo(data_dir) as running:
        everybody = running.everybody
        running.end(signal.SIGKILL)

        wait_until(all_ended(everybody), what="the end of every process of the demo")

    with demo(data_dir) as again:
        assert (again.status("/healthz"), shift_of(data_dir)) == (200, before)
        assert again.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("name", PARTS)
def test_kill_9_of_a_part_ends_the_others_and_names_it(data_dir: Path, name: str, request: pytest.FixtureRequest) -> None:
    if name not in USUALLY_KILLED and not request.config.getoption("every_part"):
        pytest.skip("killed with --every-part")
    with demo(data_dir) as running:
        everybody = running.everybody
        os.kill(running.part(name), signal.SIGKILL)

        assert running.process.wait(PATIENCE_SECONDS) == 1
        wait_until(all_ended(everybody), what="the end of every process of the demo")

    assert f"{name} が止まったため（シグナル SIGKILL）、デモ全体を終了しました。" in running.said


def test_kill_9_of_uv_leaves_nothing(data_dir: Path) -> None:
    uv = shutil.which("uv")
    if not uv:
        pytest.skip("uv is not installed here")
    with demo(data_dir, launcher=(uv, "run", "--no-project", "--offline")) as running:
        everybody = running.everybody
        running.end(signal.SIGKILL)

        wait_until(all_ended(everybody), what="the end of every process of the demo")


def test_reset_begins_a_new_story_on_another_clock(data_dir: Path) -> None:
    before = shift_of(data_dir)
    kept = data_dir / "notes.txt"
    kept.write_text("not the demo's")

    with demo(data_dir, "--reset") as running:
        after = shift_of(data_dir)
        running.end()

    assert after != before
    assert kept.read_text() == "not the demo's"


def test_reset_touches_no_folder_in_which_no_demo_was(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()

    wipe(tmp_path)

    assert (tmp_path / "mail").exists()
