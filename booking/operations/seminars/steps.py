"""A seminar's row locked, its steps applied by the table, each with a line of history and an entry in the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking.models import Seminar, SeminarEvent
from booking.rules.seminars import NEEDS_REASON, Event, NotAllowed, next_state
from toyooka_hw.accounts.models import User
from toyooka_hw.audit import operations as audit


class SeminarChanged(Exception):
    """Somebody else was faster: the seminar is no longer in the state this step starts from."""

    def __init__(self, seminar: Seminar, by: str) -> None:
        super().__init__(f"seminar {seminar.pk} is {seminar.state}")
        self.seminar = seminar
        self.by = by


class EditedMeanwhile(SeminarChanged):
    """Somebody else changed the seminar since it was looked at: what was pressed was meant for what it was then."""


class StepNeedsReason(Exception):
    """Whoever registered reads why (S8-1)."""


def locked(seminar_id: int, *, seen: int | None = None) -> Seminar:
    """The seminar, alone until the transaction ends: whatever changes seats or state goes through here, so that it is counted once.

    Counsellor and host are not read along (see ``transitions.locked``): a seminar that got another one meanwhile would not be found at all.
    ``seen``: the last line of its history that was on the screen (any where None). Raises EditedMeanwhile where another one followed.
    """
    seminar = Seminar.objects.select_for_update(of=("self",)).get(pk=seminar_id)
    if seen is not None and seen != last_line(seminar_id):
        raise EditedMeanwhile(seminar, changed(seminar).by)
    return seminar


def last_line(seminar_id: int) -> int | None:
    """The last line of the seminar's history. One query."""
    return SeminarEvent.objects.filter(seminar=seminar_id).order_by("-pk").values_list("pk", flat=True).first()


def apply(
    seminar: Seminar,
    event: Event,
    *,
    by: User,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    tells: bool = False,
) -> SeminarEvent:
    """Move the seminar along the table. ``changes``: before and after of its fields, for the audit; ``tells``: people are told of it.

    Raises SeminarChanged, StepNeedsReason.
    """
    if event in NEEDS_REASON and not reason.strip():
        raise StepNeedsReason
    before = seminar.state
    try:
        seminar.state = next_state(seminar.rule_state, event, begun=now >= seminar.starts_at).value
    except NotAllowed as refusal:
        raise changed(seminar) from refusal
    seminar.save()
    return note(seminar, event, before=before, by=by, now=now, reason=reason, changes=changes, tells=tells)


def note(
    seminar: Seminar,
    event: Event,
    *,
    before: str,
    by: User,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    tells: bool = False,
) -> SeminarEvent:
    """Add one line to the seminar's history and to the audit."""
    line = SeminarEvent.objects.create(
        seminar=seminar, event=event.value, from_state=before, to_state=seminar.state, at=now, by=by, reason=reason.strip(), tells=tells
    )
    what = _("催し：%(step)s") % {"step": line.get_event_display()}
    audit.record(what, seminar, by=by, now=now, reason=reason, changes=changes)
    return line


def changed(seminar: Seminar) -> SeminarChanged:
    """The error that names who brought the seminar to its present state."""
    last = seminar.events.select_related("by").order_by("-pk").first()
    return SeminarChanged(seminar, str(last.by) if last else "")
