"""The compose file against its published schema, against the settings, and against what production must not have. No test starts it (decision 38)."""

import json
import re
import subprocess
from importlib.resources import files
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from tests.deploy.compose import COMPOSE, OF_PORTAL, ROOT, SERVICES, TEXT, interpolated, named_by, scripts_read, settings_read, stages
from tests.repository.test_example import LINES
from toyooka_hw.checks import ADDRESSES, REQUIRED_IN_PRODUCTION

ALWAYS = [name for name, service in SERVICES.items() if "profiles" not in service]
FROM_OUTSIDE = {"proxy": ["0.0.0.0:80:80", "0.0.0.0:443:443"]}
OF_THE_IMAGE_ALONE = {"DEMO"}  # pinned to false


def test_file_follows_the_published_schema() -> None:
    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    jsonschema.validate(COMPOSE, schema)


def test_schema_would_notice() -> None:
    """A misspelt key is what it is there for."""
    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    with pytest.raises(jsonschema.ValidationError, match="restarts"):
        jsonschema.validate({"services": {"web": {"image": "x", "restarts": "always"}}}, schema)


@pytest.mark.parametrize("service", OF_PORTAL)
def test_every_required_setting_is_named(service: str) -> None:
    assert {*REQUIRED_IN_PRODUCTION, *ADDRESSES} - named_by(service) == set()


@pytest.mark.parametrize("service", OF_PORTAL)
def test_every_variable_named_exists(service: str) -> None:
    assert named_by(service) - OF_THE_IMAGE_ALONE - set(LINES) == set()
    assert named_by(service) - settings_read() - scripts_read() == {"REQUESTS_CA_BUNDLE"}


def test_every_setting_but_those_of_the_image_may_be_given() -> None:
    assert settings_read() - named_by("web") == {"DEBUG", "CLOCK_SOURCE", "DEMO_DATA_DIR", "STATIC_ROOT", "SECURE_TLS"}


def test_every_variable_of_compose_itself_is_in_the_example() -> None:
    assert interpolated() - set(LINES) == set()
    assert "PORTAL_HOST" in interpolated()


def test_example_marks_what_compose_does_not_take_from_it() -> None:
    passed_on = {name for name, value in SERVICES["web"]["environment"].items() if value is None} | interpolated()
    assert marked("[not with containers]") == set(LINES) - passed_on


def test_example_marks_what_may_stand_in_a_file() -> None:
    """The settings read both ways; the scripts of ``deploy/``, gunicorn and requests only the environment, whatever the settings know of it."""
    assert marked("[or NAME_FILE]") == settings_read() & set(LINES) - scripts_read()
    in_files = {name.removesuffix("_FILE") for each in OF_PORTAL for name in SERVICES[each]["environment"] if name.endswith("_FILE")}
    assert in_files - marked("[or NAME_FILE]") == set()


def marked(mark: str) -> set[str]:
    """What stands in the example under a heading with this mark."""
    parts = (ROOT / ".env.example").read_text().split("# --- ")[1:]
    return {name for part in parts if mark in part.partition("\n")[0] for name in re.findall(r"^(\w+)=", part, re.MULTILINE)}


def test_no_setting_says_demo_or_debug() -> None:
    assert {service: SERVICES[service]["environment"]["DEMO"] for service in OF_PORTAL} == dict.fromkeys(OF_PORTAL, "false")


def test_secrets_come_from_files_only() -> None:
    """Neither a password nor a key stands in the file, and every secret used is one that is declared, in the folder that git ignores."""
    held = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ZOOM_CLIENT_SECRET", "ZOOM_WEBHOOK_SECRET", "METRICS_TOKEN"}
    for service in OF_PORTAL:
        environment = SERVICES[service]["environment"]
        assert held & set(environment) == set()
        used = {value.removeprefix("/run/secrets/") for value in environment.values() if str(value).startswith("/run/secrets/")}
        assert used - set(SERVICES[service]["secrets"]) == set()
    asked = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert asked == set(COMPOSE["secrets"])
    assert {name: secret["file"] for name, secret in COMPOSE["secrets"].items()} == {name: f"./secrets/{name}" for name in asked}
    ignored = subprocess.run(["git", "check-ignore", "-q", "secrets/secret_key"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_only_migrate_and_backup_connect_as_the_owner() -> None:
    urls = {service: SERVICES[service]["environment"]["DATABASE_URL_FILE"] for service in OF_PORTAL}
    owners = {service for service in SERVICES if "database_owner_url" in SERVICES[service].get("secrets", [])}
    assert owners == {"migrate", "backup"}
    assert urls == dict.fromkeys(OF_PORTAL, "/run/secrets/database_app_url") | dict.fromkeys(owners, "/run/secrets/database_owner_url")


def test_dumps_land_on_the_host_in_a_folder_that_is_there_already() -> None:
    """One that Docker makes would be root's, and the portal's user could not write into it. Git ignores the folder beside the file."""
    (mount,) = SERVICES["backup"]["volumes"]
    assert mount == {
        "type": "bind",
        "source": "./backups",
        "target": SERVICES["backup"]["command"][-1],
        "bind": {"create_host_path": False},
    }
    assert subprocess.run(["git", "check-ignore", "-q", "backups/x.dump"], cwd=ROOT, check=False).returncode == 0


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if name in ALWAYS and "ports" in service} == FROM_OUTSIDE
    published = [port for name in SERVICES if name not in ALWAYS for port in SERVICES[name].get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_database_and_broker_stand_in_a_network_without_a_way_out() -> None:
    assert {name for name, network in COMPOSE["networks"].items() if network.get("internal")} == {"edge", "data"}
    assert [SERVICES[name]["networks"] for name in ("postgres", "redis", "beat", "migrate", "backup")] == [["data"]] * 5
    assert members("edge") == {"proxy", "web"}


def members(network: str) -> set[str]:
    """Who is in this network."""
    return {name for name, service in SERVICES.items() if network in service.get("networks", ())}


def test_proxy_reaches_web_from_the_address_that_is_trusted_and_from_no_other() -> None:
    """In a second network of both, web would be looked up there, and the proxy would come from an address that nobody believes."""
    assert set(SERVICES["proxy"]["networks"]) & set(SERVICES["web"]["networks"]) == {"edge"}
    trusted = SERVICES["web"]["environment"]["TRUSTED_PROXIES"]
    assert trusted == SERVICES["proxy"]["networks"]["edge"]["ipv4_address"]


def test_addresses_of_proxy_and_web_stay_and_are_given_to_nobody_else() -> None:
    """nginx looks ``web`` up once: another address after an upgrade would be asked in vain."""
    (pool,) = COMPOSE["networks"]["edge"]["ipam"]["config"]
    fixed = {ip_address(SERVICES[name]["networks"]["edge"]["ipv4_address"]) for name in members("edge")}
    assert len(fixed) == len(members("edge"))
    assert [each for each in fixed if each not in ip_network(pool["subnet"]) or each in ip_network(pool["ip_range"])] == []


def test_whoever_calls_zoom_has_a_way_out() -> None:
    """The worker makes meetings and hands over mails; web asks for the counsellor's link at the press. With the demo, Zoom is met there."""
    ways_out = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}
    assert {name for name in ALWAYS if ways_out & set(SERVICES[name]["networks"])} == {"proxy", "web", "worker"}
    met = {name: ways_out & set(SERVICES[name]["networks"]) & set(SERVICES["zoom"]["networks"]) for name in ("web", "worker")}
    assert [name for name, networks in met.items() if not networks] == []


def test_proxy_is_found_inside_under_its_own_name_and_ports() -> None:
    """Beat's look at ``PORTAL_URL/healthz`` (by a worker) and the simulated Zoom's messages go there; the address names no port."""
    (network,) = [name for name, each in SERVICES["proxy"]["networks"].items() if "aliases" in each]
    assert {"worker", "zoom"} <= members(network)
    assert "${PORTAL_HOST:-portal.internal}" in TEXT
    assert LINES["PORTAL_HOST"] == urlsplit(LINES["PORTAL_URL"]).netloc
    heard = re.findall(r"^ +listen (\d+)", (ROOT / "deploy" / "nginx.conf").read_text(), re.MULTILINE)
    assert heard == [port.rpartition(":")[2] for port in SERVICES["proxy"]["ports"]] == ["80", "443"]
    assert SERVICES["proxy"]["sysctls"] == {"net.ipv4.ip_unprivileged_port_start": 0}  # it is no superuser
    assert SERVICES["proxy"]["healthcheck"]["test"][-1] == "http://127.0.0.1/proxy-healthz"


@pytest.mark.parametrize("name", ALWAYS)
def test_every_service_says_how_it_is_restarted_watched_and_logged(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["logging"] == {"driver": "journald", "options": {"tag": "portal"}}
    if name != "web":  # the image's own health check
        assert service["healthcheck"]


@pytest.mark.parametrize("name", ["proxy", *OF_PORTAL])
def test_ours_run_read_only_without_capabilities(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp:size=64m"])
    assert (service["mem_limit"], service["pids_limit"]) == (("256m", 100) if name == "proxy" else ("768m", 200))


@pytest.mark.parametrize("name", [*OF_PORTAL, "zoom"])
def test_ours_hear_that_they_are_to_end_while_they_are_still_starting(name: str) -> None:
    """Process 1 hears no signal it has not asked for: worker and web that were stopped as they started were waited for until they were killed."""
    assert SERVICES[name]["init"] is True


def test_scripts_and_files_that_are_named_are_there_and_may_run() -> None:
    commands = [SERVICES[name]["command"] for name in OF_PORTAL if name != "backup"] + [SERVICES["worker"]["healthcheck"]["test"][1:]]
    scripts = [Path(ROOT / command[0]) for command in commands]
    assert [script for script in scripts if not (script.is_file() and script.stat().st_mode & 0o111)] == []
    mounted = [
        volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", []) if str(volume).startswith("./")
    ]
    assert sorted(mounted) == ["./deploy/database-roles.sql", "./deploy/nginx.conf"]
    assert [path for path in mounted if not (ROOT / path).is_file()] == []


def test_what_operations_tells_to_type_is_there() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    called = re.findall(r"docker compose (?:run|exec)(?: -[-\w]+)* (\w+)", text)
    others = re.findall(r"docker compose (?:build|pull|stop|logs|up)(?: -[-\w]+)*((?: \w+)*)", text)
    named = {*called, *" ".join(others).split()}
    assert named == {"backup", "beat", "migrate", "postgres", "proxy", "redis", "web", "worker"}
    assert re.findall(r"docker volume rm (\S+?)`", text) == [f"{COMPOSE['name']}_database"]
    assert "database" in COMPOSE["volumes"]
    assert re.findall(r"install -d -m 700 -o (\d+) -g (\d+) backups", text) == re.findall(
        r"^USER (\d+):(\d+)$", stages()["portal"], re.MULTILINE
    )
    assert COMPOSE["networks"]["edge"]["ipam"]["config"][0]["subnet"] in text


def test_upgrade_stops_web_in_a_line_of_its_own() -> None:
    """What one line makes anew Compose stops altogether before it starts any of it; the worker may take minutes, and pages were away as long."""
    lines = (ROOT / "docs" / "operations.md").read_text().split("git checkout --quiet 2\n")[1].partition("```")[0].splitlines()
    begun = [line for line in lines if line.startswith("docker compose") and "migrate" not in line]
    assert begun == [
        "docker compose build --pull web",
        "docker compose pull proxy postgres redis",
        "docker compose up -d --no-deps worker beat",
        "docker compose up -d --no-deps web",
        "docker compose up -d --no-deps --force-recreate proxy",
        "docker compose up -d",
    ]


def test_way_back_and_new_settings_run_no_migration() -> None:
    """The old ``migrate`` would give rights on newer evidence; whoever is made anew alone is made so without what it depends on."""
    text = (ROOT / "docs" / "operations.md").read_text()
    assert "**Not `docker compose up -d` alone, until the next upgrade**" in text
    named = re.findall(r"docker compose up -d((?: --[-\w]+)*) (?:web|worker|beat|proxy)\b", text)
    assert [options for options in named if "--no-deps" not in options] == []
    assert len(named) == 5


def test_release_begins_with_its_migrations() -> None:
    waits = {name: SERVICES[name]["depends_on"]["migrate"]["condition"] for name in ("web", "worker", "beat")}
    assert set(waits.values()) == {"service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_stopping_has_longer_than_what_is_being_stopped_takes() -> None:
    graceful = int(re.findall(r"^graceful_timeout = (\d+)", (ROOT / "deploy" / "gunicorn.py").read_text(), re.MULTILINE)[0])
    assert int(SERVICES["web"]["stop_grace_period"].removesuffix("s")) > graceful


def test_demo_and_developers_stand_apart() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if name not in ALWAYS}
    assert profiles == {"backup": ["backup"], "zoom": ["demo"], "mail": ["demo"], "dev-postgres": ["dev"], "dev-redis": ["dev"]}
    demo = dict(line.split("=", 1) for line in (ROOT / "deploy" / "demo.env").read_text().splitlines() if not line.startswith("#"))
    assert set(demo) - set(LINES) == set()
    given = {name.removesuffix("_FILE") for name, value in SERVICES["web"]["environment"].items() if value is not None}
    assert {*REQUIRED_IN_PRODUCTION, *ADDRESSES} - given - set(demo) == set()
