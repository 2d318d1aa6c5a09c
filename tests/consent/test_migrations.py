"""An office that already works with the portal keeps its terms and consents through the upgrade, and back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from consent.models import ChangeNotice, Consent, TermsVersion
from tests.evidence import may_be_emptied

MOMENT = datetime(2026, 4, 1, tzinfo=UTC)
BEFORE = [("consent", "0002_append_only"), ("accounts", "0001_initial")]


@pytest.fixture
def migrated(transactional_db: None) -> Iterator[None]:
    """Whatever happens, the database ends where all other tests expect it."""
    yield
    to_latest()
    may_be_emptied()


def to_latest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def as_it_was() -> StateApps:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    apps: StateApps = executor.loader.project_state(BEFORE).apps
    return apps


def test_terms_and_consents_survive_the_upgrade(migrated: None) -> None:
    old = as_it_was()
    document = old.get_model("consent", "TermsDocument").objects.create(code="counselling", title="試験用の規約")
    version = old.get_model("consent", "TermsVersion").objects.create(
        document=document,
        number=1,
        dated=date(2023, 8, 29),
        issuer="試験所長",
        articles=[],
        content_sha256="",
        announced_at=MOMENT,
        effective_at=MOMENT,
    )
    person = old.get_model("accounts", "Person").objects.create(full_name="豊岡 花子", created_at=MOMENT)
    old.get_model("consent", "Consent").objects.create(
        person=person, version=version, method="checkbox", label="同意します。", shown_at=MOMENT, agreed_at=MOMENT
    )
    old.get_model("consent", "ChangeNotice").objects.create(version=version, ground="initial", summary="最初の公表")
    to_latest()
    upgraded = TermsVersion.objects.get()
    assert (upgraded.name, upgraded.effective_at, upgraded.created_by) == ("試験用の規約", MOMENT, None)
    assert [(row.agreed, row.zoom_stated_at, row.person.merged_into) for row in Consent.objects.all()] == [(True, None, None)]
    assert [row.announced_at for row in ChangeNotice.objects.all()] == [MOMENT]
