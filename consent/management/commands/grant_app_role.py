"""``manage.py grant_app_role ROLE``: what the portal's own role may do, so that not even its administrator rewrites evidence."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Identifier

# Only ever added to: evidence of consent, the history of bookings and of the policy.
APPEND_ONLY = ("consent_consent", "consent_consentwithdrawal", "consent_ministryrecord", "booking_bookingevent", "booking_policyvalue")

_REACHES_OWNER = """
SELECT role.rolsuper OR EXISTS (
    SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND pg_has_role(role.oid, relowner, 'MEMBER')
) FROM pg_roles role WHERE role.rolname = %s
"""
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)
_KEEP = "REVOKE UPDATE, DELETE ON {table} FROM {role}"


class Command(BaseCommand):
    help = (
        "Grant an existing database role what the running portal needs, and no more: append-only tables may be read and added to, "
        "nothing may be truncated. Run it as the owner of the tables after every migrate; migrations and retention use other roles."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", metavar="ROLE", help="the role the portal connects as")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            _refuse_unfit(cursor, options["role"])
            role = Identifier(options["role"])
            for statement in _GRANTS:
                cursor.execute(SQL(statement).format(role=role))
            for table in APPEND_ONLY:
                cursor.execute(SQL(_KEEP).format(table=Identifier(table), role=role))
        self.stdout.write(f"{options['role']}: {len(APPEND_ONLY)} tables append-only")


def _refuse_unfit(cursor: CursorWrapper, role: str) -> None:
    """A superuser or (a member of) the owner of the tables would pass by every grant."""
    cursor.execute(_REACHES_OWNER, [role])
    found = cursor.fetchone()
    if found is None:
        raise CommandError(f"There is no role {role}; create it first: CREATE ROLE ... LOGIN")
    if found[0]:
        raise CommandError(f"{role} owns tables or is a superuser: rights would not bind it. Create another role for the portal.")
