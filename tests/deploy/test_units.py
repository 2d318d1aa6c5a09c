"""The units, the rotation and the journal of a machine without containers. systemd reads them here and starts none: that has to be done by hand."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.compose import ROOT, SERVICES
from tests.deploy.handbook import HANDBOOK
from tests.surroundings import system_program

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICE_UNITS = [unit for unit in UNITS if unit.suffix == ".service"]
OURS = {"web": "portal-web@.service", "worker": "portal-worker.service", "beat": "portal-beat.service"}
ASSIGNMENT = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)
SHUT = {
    "ProtectSystem": ["strict"],
    "ProtectHome": ["true"],
    "PrivateDevices": ["true"],
    "PrivateTmp": ["true"],
    "NoNewPrivileges": ["true"],
    "CapabilityBoundingSet": [""],
}


def says(unit: Path) -> dict[str, list[str]]:
    """What stands in this unit; a key may stand there more than once."""
    found: dict[str, list[str]] = {}
    for key, value in ASSIGNMENT.findall(unit.read_text()):
        found.setdefault(key, []).append(value)
    return found


def named(name: str) -> dict[str, list[str]]:
    return says(DEPLOY / "systemd" / name)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    analyze = system_program("systemd-analyze", otherwise="the units are not read")
    for each in UNITS:
        own = re.sub(r"(?m)^(Exec\w+)=/(?!bin/sh)\S+", r"\1=/bin/true", each.read_text())  # nginx need not be where Debian has it
        (tmp_path / each.name).write_text(own)
    instance = tmp_path / unit.name.replace("@.", "@8000.")
    read = subprocess.run([analyze, "verify", "--man=no", str(instance)], capture_output=True, text=True, check=False)
    assert (read.returncode, [line for line in read.stderr.splitlines() if str(tmp_path) in line or "portal-" in line]) == (0, [])


def test_units_write_nowhere_but_where_they_must_and_have_no_power() -> None:
    shut = {unit.name: {key: says(unit).get(key) for key in SHUT} for unit in SERVICE_UNITS}
    proxy = shut.pop("portal-proxy.service")
    assert shut == dict.fromkeys(shut, SHUT)
    assert {key for key in SHUT if proxy[key] != SHUT[key]} == {"CapabilityBoundingSet"}
    writes = {unit.name: says(unit)["ReadWritePaths"] for unit in UNITS if "ReadWritePaths" in says(unit)}
    assert writes == {"portal-backup.service": ["/var/backups/portal"]}


def test_only_the_dump_runs_as_the_owner_of_the_tables() -> None:
    accounts = {unit.name: says(unit).get("User") for unit in SERVICE_UNITS}
    assert accounts == {
        **{unit: ["portal"] for unit in OURS.values()},
        "portal-backup.service": ["portal-owner"],
        "portal-proxy.service": None,
    }
    assert [unit.name for unit in UNITS if "/etc/portal-owner" in unit.read_text()] == ["portal-backup.service"]


def test_every_service_has_its_memory_and_waits_for_the_network() -> None:
    expected = (["network-online.target"], ["network-online.target"], True)
    found = {unit.name: (says(unit)["Wants"], [says(unit)["After"][0].split()[0]], "MemoryMax" in says(unit)) for unit in SERVICE_UNITS}
    assert found == dict.fromkeys(found, expected)


@pytest.mark.parametrize(("service", "unit"), OURS.items())
def test_unit_starts_what_the_container_starts_and_gives_it_the_time_to_end(service: str, unit: str) -> None:
    (start,) = named(unit)["ExecStart"]
    (seconds,) = named(unit)["TimeoutStopSec"]
    grace = str(SERVICES[service].get("stop_grace_period", "10s"))
    assert f"$(realpath /srv/portal/current)/{SERVICES[service]['command'][0]}" in start
    assert int(seconds) >= int(grace[:-1]) * {"s": 1, "m": 60}[grace[-1]]


def test_shell_finds_the_folder_that_current_points_at(tmp_path: Path) -> None:
    """systemd makes one dollar of two, and a process keeps the folder it was started from when the link moves on."""
    script = tmp_path / "1" / "deploy" / "web"
    script.parent.mkdir(parents=True)
    script.write_text('#!/bin/sh\ncd "$(dirname "$0")/.."\necho "$PWD"\n')
    script.chmod(0o755)
    (tmp_path / "current").symlink_to(tmp_path / "1")
    (start,) = named(OURS["web"])["ExecStart"]
    command = start.removeprefix("/bin/sh -c '").removesuffix("'").replace("$$", "$").replace("/srv/portal", str(tmp_path))
    said = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path / "current", capture_output=True, text=True, check=True).stdout
    assert said.strip() == str((tmp_path / "1").resolve())


def test_proxy_has_the_folders_that_its_file_names() -> None:
    unit = named("portal-proxy.service")
    assert (unit["RuntimeDirectory"], unit["LogsDirectory"], unit["PIDFile"]) == (["portal"], ["portal"], ["/run/portal/nginx.pid"])
    assert "s|/tmp/|/run/portal/|; s|/dev/stdout|/var/log/portal/access.log|; s|/dev/stderr|/var/log/portal/nginx.log|" in HANDBOOK
    assert (DEPLOY / "logrotate").read_text().splitlines()[1] == "/var/log/portal/access.log /var/log/portal/nginx.log {"


def test_handbook_installs_every_file_and_names_every_unit() -> None:
    for installed in ("systemd/* /etc/systemd/system/", "journald.conf /etc/systemd/", "logrotate /etc/logrotate.d/portal"):
        assert f" {installed}" in HANDBOOK
    assert {unit.stem for unit in UNITS if f"`{unit.stem}`" not in HANDBOOK} == set()


def test_dump_of_the_containers_is_pruned_as_the_one_without(tmp_path: Path) -> None:
    """Its service stands in the document, for it must not be installed beside the other units; the timer is the same."""
    text = (ROOT / "docs" / "operations.md").read_text()
    (own,) = re.findall(r"portal-backup\.service <<'END'\n(.*?)^END$", text, re.MULTILINE | re.DOTALL)
    unit = tmp_path / "portal-backup.service"
    unit.write_text(own)
    made, pruned = says(unit)["ExecStart"]
    beside = named("portal-backup.service")
    assert made == "/usr/bin/docker compose run --rm -T backup"
    assert [pruned, *says(unit)["ExecStopPost"]] == [
        line.replace("/var/backups/portal", SERVICES["backup"]["volumes"][0]["source"].removeprefix("./"))
        for line in (beside["ExecStart"][1], *beside["ExecStopPost"])
    ]
    analyze = system_program("systemd-analyze", otherwise="the unit is not read")
    unit.write_text(own.replace("/usr/bin/docker", "/bin/true"))  # an engine need not be here
    read = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert (read.returncode, [line for line in read.stderr.splitlines() if "portal-" in line]) == (0, [])


def test_rotation_is_understood(tmp_path: Path) -> None:
    program = system_program("logrotate", otherwise="its file is not read")
    dry = [program, "-d", "-s", str(tmp_path / "state"), str(DEPLOY / "logrotate")]
    read = subprocess.run(dry, capture_output=True, text=True, check=False)
    assert (read.returncode, [line for line in read.stderr.splitlines() if line.startswith("error")]) == (0, [])
    assert "after 1 days (366 rotations)" in read.stderr
