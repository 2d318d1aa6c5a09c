"""Who stands for whom: merged persons lead to their survivor, however many merges lie between."""

from django.db.models import BigIntegerField, Case, F, Func, Q, When
from django.db.models.expressions import RawSQL

_FAMILY = """
WITH RECURSIVE up(id, next) AS (
    SELECT id, merged_into_id FROM accounts_person WHERE id = %s
    UNION SELECT person.id, person.merged_into_id FROM accounts_person person JOIN up ON person.id = up.next
), family(id) AS (
    SELECT id FROM up
    UNION SELECT person.id FROM accounts_person person JOIN family ON person.merged_into_id = family.id
) SELECT id FROM family
"""


class _EndOfChain(Func):
    template = """(
        WITH RECURSIVE up(id, next) AS (
            SELECT id, merged_into_id FROM accounts_person WHERE id = %(expressions)s
            UNION SELECT person.id, person.merged_into_id FROM accounts_person person JOIN up ON person.id = up.next
        ) SELECT id FROM up WHERE next IS NULL
    )"""
    output_field = BigIntegerField()


def survivor() -> Case:
    """Of a row with a ``person``: the id of whoever stands for that person. The chain is only walked for those who were merged."""
    return Case(When(person__merged_into=None, then=F("person_id")), default=_EndOfChain(F("person_id")))


def rows_of(person_id: int) -> Q:
    """Rows of this person, whichever of their merged rows hold them."""
    return Q(person__in=RawSQL(_FAMILY, [person_id]))  # noqa: S611 - the statement is fixed, the id a parameter
