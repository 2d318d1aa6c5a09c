"""The database refuses to empty the tables of evidence; between tests that commit, somebody has to all the same."""

from importlib import import_module

from django.db import connection

TABLES: tuple[str, ...] = import_module("consent.migrations.0007_one_role_may_expire").TABLES


def may_be_emptied(really: bool = True) -> None:
    """Let ``flush`` empty the evidence of this test database (or no longer)."""
    switch = "DISABLE" if really else "ENABLE"
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} {switch} TRIGGER {table}_never_emptied")
