"""The image's recipe: production's packages only, an ordinary user, and nothing of a developer's machine. No test builds it (decision 38)."""

import re
import subprocess

from tests.deploy.compose import DOCKERFILE, OF_PORTAL, ROOT, SERVICES, TEXT, stages
from tests.deploy.production import packages_beyond_production

LAST = list(stages())[-1]


def test_production_is_the_last_stage_and_the_one_that_compose_builds() -> None:
    assert LAST == "portal"
    assert SERVICES["web"]["build"] == {"context": ".", "target": LAST}
    assert SERVICES["zoom"]["build"]["target"] == "demo"


def test_each_image_is_built_once_and_ours_is_sought_in_no_registry() -> None:
    """Two services that build the same tag at once get in each other's way. ``RELEASE`` keeps the image of before, to go back to."""
    built = [service["image"] for service in SERVICES.values() if "build" in service]
    assert sorted(built) == ["toyooka-hw-demo:latest", "toyooka-hw:latest"]
    assert {(SERVICES[name]["image"], SERVICES[name]["pull_policy"]) for name in OF_PORTAL} == {("toyooka-hw:latest", "never")}
    assert "image: toyooka-hw:${RELEASE:-latest}\n" in TEXT


def test_production_installs_neither_the_demos_packages_nor_the_developers() -> None:
    """``test_scripts.py`` starts everything with exactly these packages."""
    (source,) = re.findall(r"COPY --from=(\S+) /opt/portal /opt/portal", stages()[LAST])
    installs = re.findall(r"uv sync (.+)", stages()[source])
    assert (source, installs) == ("packages", ["--no-default-groups --no-build"])
    assert {"flask", "pytest"} <= packages_beyond_production()


def test_nothing_is_built_from_source_in_it() -> None:
    """Every package has a wheel, so the image needs no compiler; which was looked up for Python 3.13 on x86-64 (decision 38)."""
    installs = re.findall(r"apt-get install -y --no-install-recommends (.+?) &&", DOCKERFILE)
    assert (installs, DOCKERFILE.count("apt-get install")) == (["postgresql-client-18"], 1)
    assert "--no-build" in DOCKERFILE


def test_dumps_are_made_by_programs_of_the_servers_own_version() -> None:
    """pg_dump refuses a newer server, and ``manage.py backup`` finds it on the PATH; no other stage needs it."""
    (server,) = {SERVICES[name]["image"] for name in ("postgres", "dev-postgres")}
    version = server.removeprefix("postgres:")
    assert f"postgresql-client-{version} " in stages()[LAST]
    assert f"ENV PATH=/usr/lib/postgresql/{version}/bin:$PATH\n" in stages()[LAST]
    for what in ("/usr/local/share/keyrings/postgres.gpg.asc", "/etc/apt/sources.list.d/pgdg.list"):
        assert f"COPY --from={server} {what} {what.rpartition('/')[0]}/\n" in stages()[LAST]


def test_sources_are_readable_whatever_they_were_checked_out_under() -> None:
    base = stages()["base"]
    assert "RUN chmod -R a+rX ." in base
    assert base.rindex("\nCOPY ") < base.index("RUN chmod")


def test_ordinary_user_runs_it() -> None:
    users = {name: re.findall(r"^USER (\S+)$", text, re.MULTILINE) for name, text in stages().items()}
    assert (users[LAST], users["demo"]) == (["10001:10001"], ["10001:10001"])
    assert stages()[LAST].index("USER") < stages()[LAST].index("CMD")


def test_his_group_has_his_number_and_a_name() -> None:
    """``useradd --user-group`` chose another number; Celery calls a process whose group it cannot look up a superuser's."""
    (user,) = set(re.findall(r"^USER (\d+):\1$", DOCKERFILE, re.MULTILINE))
    assert f"RUN groupadd --gid {user} portal && useradd --uid {user} --gid portal " in stages()["base"]


def test_python_is_newer_than_the_oldest_that_is_supported() -> None:
    images = {text.partition("\n")[0] for text in stages().values()}
    assert {each for each in images if each.startswith("FROM python:")} == {"FROM python:3.13-slim"}


def test_image_checks_its_own_health_and_collects_its_static_files() -> None:
    last = stages()[LAST]
    assert 'CMD ["deploy/healthy-web"]' in last
    assert "python manage.py collectstatic --no-input" in last
    assert last.rstrip().endswith('CMD ["deploy/web"]')


def test_no_secret_is_baked_in() -> None:
    assert re.findall(r"^(?:ENV|ARG) .*(?:SECRET|PASSWORD|KEY|URL)", DOCKERFILE, re.MULTILINE) == []


def test_whatever_is_copied_is_let_through_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE))
    assert lines[0] == "*"
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied
    assert {folder for folder in copied if not (ROOT / folder).exists()} == set()


def test_every_package_that_python_imports_is_copied() -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    rooms = {path.partition("/")[0] for path in tracked} - {"tests"}
    assert rooms == {"manage.py", "toyooka_hw", "consent", "booking", "deploy"}
    assert {room for room in rooms if f"COPY {room} " not in DOCKERFILE} == set()
