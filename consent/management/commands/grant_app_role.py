"""``manage.py grant_app_role ROLE``: what the portal's own role may do, so that not even its administrator rewrites evidence.

``--retention ROLE`` names the one role whose deletions of expired consents the triggers let pass.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Identifier, Literal

# Only ever added to: evidence of consent and of notices, the audit, the history of bookings, of their ends, of codes told and of the policy.
EVIDENCE = ("consent_consent", "consent_consentwithdrawal", "consent_ministryrecord")
APPEND_ONLY = (
    *EVIDENCE,
    "consent_changenotice",
    "audit_auditentry",
    "booking_bookingevent",
    "booking_codedelivery",
    "booking_policyvalue",
    "booking_noticetext",
    "booking_dayclosing",
    "booking_stoprecord",
    "booking_seminarevent",
    "booking_registrationevent",
    "booking_seminarcall",
)

_REACHES_OWNER = """
SELECT role.rolsuper OR EXISTS (
    SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND pg_has_role(role.oid, relowner, 'MEMBER')
) FROM pg_roles role WHERE role.rolname = %s
"""
_NOT_OURS = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND NOT pg_has_role(current_user, tableowner::regrole, 'MEMBER')"
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)
_KEEP = "REVOKE UPDATE, DELETE ON {table} FROM {role}"
_ONLY_READ = "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}"  # which the owner writes, and /readyz believes
_EXPIRE = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    *(f"GRANT DELETE ON {table} TO {{role}}" for table in EVIDENCE),
)
_NAME = "CREATE OR REPLACE FUNCTION consent_may_expire() RETURNS boolean LANGUAGE sql STABLE AS {body}"


class Command(BaseCommand):
    help = (
        "Grant an existing database role what the running portal needs, and no more: append-only tables may be read and added to, "
        "nothing may be truncated. Run it as the owner of the tables after every migrate; migrations and retention use other roles."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", metavar="ROLE", help="the role the portal connects as")
        parser.add_argument("--retention", metavar="ROLE", help="the role that deletes expired consents, and connects for nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            _refuse_stranger(cursor)
            _refuse_unfit(cursor, options["role"])
            role = Identifier(options["role"])
            for statement in _GRANTS:
                cursor.execute(SQL(statement).format(role=role))
            for table in APPEND_ONLY:
                cursor.execute(SQL(_KEEP).format(table=Identifier(table), role=role))
            cursor.execute(SQL(_ONLY_READ).format(role=role))
            if options["retention"]:
                _let_expire(cursor, options["retention"], but=options["role"])
        self.stdout.write(f"{options['role']}: {len(APPEND_ONLY)} tables append-only")


def _let_expire(cursor: CursorWrapper, name: str, *, but: str) -> None:
    """From now on this role, and no role named before, may delete evidence; whoever is its member has to become it first."""
    if name == but:
        raise CommandError("The portal's own role must not expire evidence: name another one with --retention.")
    _refuse_unfit(cursor, name)
    for statement in _EXPIRE:
        cursor.execute(SQL(statement).format(role=Identifier(name)))
    cursor.execute(SQL(_NAME).format(body=Literal(f"SELECT current_user = {Literal(name).as_string()}")))


def _refuse_stranger(cursor: CursorWrapper) -> None:
    """To whoever does not own the tables PostgreSQL only says, in a warning, that nothing was granted."""
    cursor.execute(_NOT_OURS)
    if cursor.fetchone() != (0,):
        raise CommandError("Connect as the owner of the tables: this role may grant nothing.")


def _refuse_unfit(cursor: CursorWrapper, role: str) -> None:
    """A superuser or (a member of) the owner of the tables would pass by every grant."""
    cursor.execute(_REACHES_OWNER, [role])
    found = cursor.fetchone()
    if found is None:
        raise CommandError(f"There is no role {role}; create it first: CREATE ROLE ... LOGIN")
    if found[0]:
        raise CommandError(f"{role} owns tables or is a superuser: rights would not bind it. Create another role for the portal.")
