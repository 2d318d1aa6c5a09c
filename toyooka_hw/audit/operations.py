"""Writing the audit, in the transaction of what is written about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from toyooka_hw.audit.door import door
from toyooka_hw.audit.models import AuditEntry


def record(
    what: Any,
    subject: Model,
    *,
    by: Any,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    person_pk: int | None = None,
    kind: str = AuditEntry.Kind.CHANGE,
) -> AuditEntry:
    """Add one entry. ``what``: the verb in the office's words; ``by``: the staff User, None for the portal itself; ``person_pk``: whose data it is; ``changes``: masked where personal."""
    return AuditEntry.objects.create(
        at=now,
        by=by,
        kind=kind,
        what=str(what),
        subject_type=subject._meta.label_lower,
        subject_pk=str(subject.pk),
        subject=getattr(subject, "audit_name", None) or f"{subject._meta.verbose_name} {subject.pk}",
        person_pk=person_pk,
        changes={str(field): [str(before), str(after)] for field, (before, after) in (changes or {}).items()},
        reason=reason.strip(),
        door=door(),
    )
