"""Every migration from now on may run while the version before it still serves people (docs/migrations.md); each rule is seen to bite."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from tests.repository.migration_rules import faults

pytestmark = pytest.mark.django_db
# Written before there was a version that ran anywhere: these, and what comes before them in their app, are as they are.
BEFORE_THE_RULES = {
    "accounts": "0007_employers",
    "audit": "0003_by_the_portal_itself",
    "booking": "0026_seminar_calls",
    "consent": "0007_one_role_may_expire",
    "mail": "0002_trustworthy",
}
# What breaks a rule for a reason, with the reason: (app, name) → why nobody waits, or who is told.
ALLOWED: dict[tuple[str, str], str] = {}


def under_the_rules() -> list[tuple[str, str]]:
    """The migrations that the rules hold for."""
    names = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted((app, name) for app, name in names if app in BEFORE_THE_RULES and name > BEFORE_THE_RULES[app])


def test_every_app_of_ours_is_under_the_rules() -> None:
    from django.apps import apps

    ours = {each.label for each in apps.get_app_configs() if each.name.split(".")[0] in {"toyooka_hw", "booking", "consent"}}
    with_tables = {label for label in ours if any(model._meta.managed for model in apps.get_app_config(label).get_models())}
    assert with_tables - set(BEFORE_THE_RULES) == {"demo"}


def test_migrations_keep_the_rules() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wrong = {key: faults(loader.disk_migrations[key], loader.project_state(key, at_end=False)) for key in under_the_rules()}
    assert {key: found for key, found in wrong.items() if found and key not in ALLOWED} == {}


# --- the rules bite -----------------------------------------------------------------------------------------------------------

CHECK = models.CheckConstraint(condition=models.Q(size__gt=0), name="some_size")
INDEX = models.Index(fields=["size"], name="by_size")


def table() -> ProjectState:
    """One table that is in use."""
    state = ProjectState()
    state.add_model(
        ModelState(
            "mail",
            "Thing",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("size", models.IntegerField(null=True)),
                ("name", models.CharField(max_length=20)),
            ],
            options={"indexes": [INDEX.clone()]},
        )
    )
    return state


def told(*operations: Operation, name: str = "0099_something", atomic: bool = True) -> list[str]:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    return faults(made(name, "mail"), table())


def other(name: str) -> models.Index:
    return models.Index(fields=["name"], name=name)


NEW = migrations.CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField())])
CONTRACT = {"name": "0099_contract_things"}
UNLOCKED = {"atomic": False}


@pytest.mark.parametrize(
    ("operations", "how", "word"),
    [
        ([migrations.AddField("thing", "more", models.IntegerField(default=0))], {}, "null or db_default"),
        ([migrations.AddField("thing", "more", models.IntegerField(null=True, db_index=True))], {}, "its index"),
        ([migrations.AddField("thing", "more", models.IntegerField(null=True, unique=True))], {}, "its index"),
        ([migrations.AddField("thing", "more", models.ForeignKey("mail.Thing", models.PROTECT, null=True))], {}, "its index"),
        ([migrations.AlterField("thing", "name", models.CharField(max_length=10))], {}, "another type"),
        ([migrations.AlterField("thing", "name", models.IntegerField())], {}, "another type"),
        ([migrations.AlterField("thing", "size", models.IntegerField())], {}, "NOT VALID check"),
        ([migrations.AlterField("thing", "name", models.CharField(max_length=20, unique=True))], {}, "its index"),
        ([migrations.RemoveField("thing", "size")], {}, "removals one version later"),
        ([migrations.DeleteModel("Thing")], {}, "removals one version later"),
        ([migrations.RemoveField("thing", "size"), NEW], CONTRACT, "removals in a migration of their own"),
        ([migrations.RenameField("thing", "size", "length")], CONTRACT, "add the new one"),
        ([migrations.RenameModel("Thing", "Object")], CONTRACT, "add the new one"),
        ([migrations.AlterModelTable("thing", "things")], {}, "add the new one"),
        ([migrations.AddIndex("thing", other("by_name"))], {}, "AddIndexConcurrently"),
        ([migrations.RemoveIndex("thing", "by_size")], {}, "RemoveIndexConcurrently"),
        ([AddIndexConcurrently("thing", other("by_name"))], {}, "atomic = False"),
        ([AddIndexConcurrently("thing", other("by_name")), NEW], UNLOCKED, "of their own"),
        ([migrations.AddConstraint("thing", CHECK)], {}, "AddConstraintNotValid"),
        ([AddConstraintNotValid("thing", CHECK), ValidateConstraint("thing", "some_size")], {}, "validation in a migration"),
        ([migrations.RunSQL("SELECT 1"), migrations.AddField("thing", "more", models.IntegerField(null=True))], {}, "data in a migration"),
        ([migrations.RunPython(lambda _apps, _editor: None, migrations.RunPython.noop), NEW], {}, "data in a migration"),
        ([migrations.RunPython(lambda _apps, _editor: None)], {}, "a way back"),
        ([migrations.SeparateDatabaseAndState([migrations.AddIndex("thing", other("by_name"))])], {}, "AddIndexConcurrently"),
    ],
)
def test_what_would_make_people_wait_is_refused(operations: list[Operation], how: dict[str, Any], word: str) -> None:
    found = told(*operations, **how)
    assert (len(found), word in " ".join(found)) == (1, True), found


@pytest.mark.parametrize(
    ("operations", "how"),
    [
        ([migrations.AddField("thing", "more", models.IntegerField(null=True))], {}),
        ([migrations.AddField("thing", "more", models.IntegerField(db_default=0))], {}),
        ([migrations.AddField("thing", "more", models.ForeignKey("mail.Thing", models.PROTECT, null=True, db_index=False))], {}),
        ([migrations.AlterField("thing", "name", models.CharField("名前", max_length=20))], {}),
        ([migrations.AlterField("thing", "name", models.CharField(max_length=200))], {}),
        ([migrations.AlterField("thing", "name", models.CharField(max_length=20, null=True))], {}),
        ([NEW, migrations.AddIndex("fresh", models.Index(fields=["size"], name="fresh_by_size"))], {}),
        ([NEW, migrations.AddConstraint("fresh", models.CheckConstraint(condition=models.Q(size__gt=0), name="fresh_size"))], {}),
        ([AddIndexConcurrently("thing", other("by_name"))], UNLOCKED),
        ([RemoveIndexConcurrently("thing", "by_size")], UNLOCKED),
        ([AddConstraintNotValid("thing", CHECK)], {}),
        ([NEW, migrations.RunSQL("CREATE TRIGGER fresh_stays BEFORE DELETE ON mail_fresh EXECUTE FUNCTION booking_refuse_change()")], {}),
        ([migrations.RunPython(lambda _apps, _editor: None, migrations.RunPython.noop)], {}),
        ([migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("thing", "size")])], {}),
        ([migrations.RemoveField("thing", "size")], CONTRACT),
    ],
)
def test_what_makes_nobody_wait_is_allowed(operations: list[Operation], how: dict[str, Any]) -> None:
    assert told(*operations, **how) == []
