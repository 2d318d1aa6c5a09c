"""One production for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.deploy.production import DEPLOY, Production, Web, running_production, running_web


@pytest.fixture(scope="session")
def empty_production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Two roles and a database with nothing in it."""
    with running_production(tmp_path_factory.mktemp("production")) as production:
        yield production


@pytest.fixture(scope="session")
def production(empty_production: Production) -> Production:
    """Migrated by its owner, with static files collected as the image does it: without a single setting."""
    bare = {name: empty_production.environment[name] for name in ("PATH", "PYTHONPATH", "MISSING_PACKAGES", "STATIC_ROOT")}
    collected = empty_production.run("python", str(DEPLOY.parent / "manage.py"), "collectstatic", "--no-input", environment=bare)
    assert collected.returncode == 0, collected.stderr
    migrated = empty_production.run(str(DEPLOY / "migrate"), environment=empty_production.as_owner)
    told = migrated.stdout.splitlines()[:1]
    assert (migrated.returncode, migrated.stderr, told) == (0, "", ["System check identified no issues (0 silenced)."])
    return empty_production


@pytest.fixture(scope="session")
def web(production: Production) -> Iterator[Web]:
    """The portal's pages, as the application's role."""
    with running_web(production) as running:
        yield running
