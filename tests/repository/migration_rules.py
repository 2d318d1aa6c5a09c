"""The rules of docs/migrations.md as far as a program can hold them: what a migration may do while the version before it still runs."""

from collections.abc import Iterator

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterModelTable,
    CreateModel,
    DeleteModel,
    RemoveField,
    RemoveIndex,
    RenameField,
    RenameIndex,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

CONTRACT = "contract_"
CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently)
DATA = (RunPython, RunSQL)
BESIDE_NEW_TABLES = (CreateModel, RunSQL)  # triggers of a table that is made here
RENAMES = (RenameField, RenameModel, AlterModelTable, RenameIndex)
REMOVALS = (RemoveField, DeleteModel)


def faults(migration: Migration, state: ProjectState) -> list[str]:
    """What of this migration breaks a rule, in words. ``state``: the models as they are before it; it is carried forward."""
    operations = list(_in_the_database(migration.operations))
    new = {(migration.app_label, each.name_lower) for each in operations if isinstance(each, CreateModel)}
    found = list(_of_the_whole(migration, operations))
    for operation in migration.operations:
        for each in _in_the_database([operation]):
            if (migration.app_label, _model_of(each)) not in new:
                found += _of_one(each, migration, state)
        operation.state_forwards(migration.app_label, state)
    return found


def _in_the_database(operations: list[Operation]) -> Iterator[Operation]:
    """What really happens there: a change of the state alone locks nothing."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _in_the_database(operation.database_operations)
        else:
            yield operation


def _of_the_whole(migration: Migration, operations: list[Operation]) -> Iterator[str]:
    kinds = {DATA: "data", CONCURRENT: "indexes without a lock", REMOVALS: "removals", (ValidateConstraint,): "validation"}
    if all(isinstance(each, BESIDE_NEW_TABLES) for each in operations) and any(isinstance(each, CreateModel) for each in operations):
        return
    for kind, what in kinds.items():
        mine = [isinstance(each, kind) for each in operations]
        if any(mine) and not all(mine):
            yield f"{what} in a migration of their own"
    if migration.atomic and any(isinstance(each, CONCURRENT) for each in operations):
        yield "atomic = False for indexes without a lock"
    if any(isinstance(each, REMOVALS) for each in operations) and CONTRACT not in migration.name:
        yield f"removals one version later, in a migration named {CONTRACT}…"


def _of_one(operation: Operation, migration: Migration, state: ProjectState) -> Iterator[str]:
    name = f"{type(operation).__name__} {_model_of(operation)}"
    if isinstance(operation, RENAMES):
        yield f"{name}: add the new one, fill it, remove the old one later"
    elif isinstance(operation, (AddIndex, RemoveIndex)) and not isinstance(operation, CONCURRENT):
        yield f"{name}: use AddIndexConcurrently, RemoveIndexConcurrently"
    elif isinstance(operation, AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield f"{name}: use AddConstraintNotValid and, in the next migration, ValidateConstraint"
    elif isinstance(operation, AddField):
        yield from (f"{name}: {why}" for why in _of_new_field(operation.field))
    elif isinstance(operation, AlterField):
        yield from (f"{name}: {why}" for why in _of_changed_field(operation, migration.app_label, state))
    elif isinstance(operation, RunPython) and operation.reverse_code is None:
        yield f"{name}: a way back, if only RunPython.noop"


def _of_new_field(field: models.Field) -> Iterator[str]:
    if field.many_to_many:
        return
    if not (field.null or field.has_db_default()):
        yield "null or db_default: the version before writes rows without it"
    if field.unique or field.db_index:
        yield "its index in a migration of its own (db_index=False, AddIndexConcurrently)"


def _of_changed_field(operation: AlterField, app_label: str, state: ProjectState) -> Iterator[str]:
    """Nothing that rewrites or scans the table: a longer text and a null that becomes allowed are free."""
    before = state.apps.get_model(app_label, operation.model_name)._meta.get_field(operation.name)
    after = operation.field.clone()
    after.set_attributes_from_name(operation.name)
    after.model = before.model
    with connection.schema_editor(collect_sql=True) as editor:
        if not editor._field_should_be_altered(before, after):
            return
    if before.unique != after.unique or before.db_index != after.db_index:
        yield "its index in a migration of its own"
    if before.null and not after.null:
        yield "a NOT VALID check before the column may forbid null"
    if before.db_type(connection) != after.db_type(connection) and not _grows(before, after):
        yield "another type is another column: add, fill, remove"


def _grows(before: models.Field, after: models.Field) -> bool:
    texts = isinstance(before, models.CharField) and isinstance(after, models.CharField)
    return texts and (after.max_length or 0) >= (before.max_length or 0)


def _model_of(operation: Operation) -> str:
    named = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    return str(named).lower()
