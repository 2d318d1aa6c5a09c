"""What a person has entered so far, kept for 24 hours so that errors, back, reload and sign-in lose nothing."""

from datetime import datetime, timedelta
from typing import Any

from booking.models import ApplicationDraft
from toyooka_hw.accounts.models import Person

KEPT_FOR = timedelta(hours=24)


def begin(starts_at: datetime, *, wall: datetime) -> ApplicationDraft:
    """Open a draft for the chosen start."""
    return ApplicationDraft.objects.create(starts_at=starts_at, created_at=wall)


def choose_again(draft: ApplicationDraft, starts_at: datetime) -> None:
    """Another start for the same draft; everything typed stays."""
    draft.starts_at = starts_at
    draft.save(update_fields=["starts_at"])


def keep(draft: ApplicationDraft, **answers: Any) -> None:
    """Keep what was typed on one screen, right or wrong."""
    draft.answers = {**draft.answers, **answers}
    draft.save(update_fields=["answers"])


def belongs_to(draft: ApplicationDraft, person: Person) -> None:
    """The mailbox of this draft is proven: it belongs to that person from now on.

    Whatever another person declared and typed in it is dropped, and the typed address has served: browsers are shared.
    """
    kept = draft.answers if draft.person_id in (None, person.pk) else {}
    draft.answers = {name: answer for name, answer in kept.items() if name not in ("email", "code_sent_to", "owner_of")}
    draft.person = person
    draft.save(update_fields=["person", "answers"])


def forget(*, wall: datetime) -> int:
    """Delete drafts older than 24 hours."""
    deleted, _ = ApplicationDraft.objects.filter(created_at__lt=wall - KEPT_FOR).delete()
    return deleted
