"""What stands behind every step of an application: the draft of this browser, the terms in force, and how far the person has come."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import cast

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from booking.models import ApplicationDraft, Booking
from booking.operations.drafts import KEPT_FOR
from booking.rules.calendar import tokyo_date
from consent.models import Consent, TermsVersion
from consent.queries import COUNSELLING, consent_to, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.queries import restriction_of

_DRAFTS = "drafts"
_DRAFTS_KEPT = 10  # of one browser


@dataclass(frozen=True)
class Progress:
    """One application on its way; ``version`` is the one in force now, whatever was read before."""

    draft: ApplicationDraft
    version: TermsVersion
    person: Person | None
    now: datetime
    wall: datetime

    @cached_property
    def consent(self) -> Consent | None:
        """What the person agreed to that counts for this version, as it was when the request came in."""
        return consent_to(self.version, self.person.pk) if self.person else None

    @property
    def declared(self) -> bool:
        """Whether the terms in force were read and everything on that screen was ticked."""
        return bool(self.draft.answers.get("declared_to") == self.version.pk)

    @property
    def identified(self) -> bool:
        """Whether the person of this draft is the one who is signed in."""
        return self.person is not None and self.draft.person_id == self.person.pk

    @property
    def restricted(self) -> bool:
        """Whether staff have decided that this person may not use the online channel for now (C6-1-4c)."""
        identified = self.person if self.identified else None
        return identified is not None and bool(restriction_of([identified.pk], on=tokyo_date(self.now)))

    def missing_step(self) -> str:
        """The step that has to come before the person's own items; empty where nothing is missing."""
        if not self.declared:
            return "apply_terms"
        if self.person is None or not self.identified:
            return "apply_email"
        return "" if self.consent else "apply_terms"


StepView = Callable[[HttpRequest, Progress], HttpResponse]


def step(view: StepView) -> Callable[[HttpRequest, uuid.UUID], HttpResponse]:
    """A step of an application: kind answers for drafts that are gone or already sent, then the view. Never cached."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        draft = own_draft(request, key)
        if draft is None:
            return draft_gone(request)
        if draft.is_sent:  # type: ignore[attr-defined]  # annotated by the query
            return redirect("apply_done", key)
        now = clock.now()
        version = version_in_force(COUNSELLING, now=now)
        if version is None:
            return not_accepting(request)
        progress = Progress(draft, version, person_of(request), now, clock.wall())
        return not_online(request) if progress.restricted else view(request, progress)

    return wrapper


def own_draft(request: HttpRequest, key: uuid.UUID | None) -> ApplicationDraft | None:
    """The draft, if this browser began it and its 24 hours are not over; ``is_sent`` tells whether a booking came of it."""
    if key is None or str(key) not in request.session.get(_DRAFTS, []):
        return None
    sent = Exists(Booking.objects.filter(draft_key=OuterRef("key")))
    fresh = ApplicationDraft.objects.filter(key=key, created_at__gt=clock.wall() - KEPT_FOR)
    return fresh.annotate(is_sent=sent).first()


def remember(request: HttpRequest, draft: ApplicationDraft) -> None:
    """This browser began the draft."""
    request.session[_DRAFTS] = [*request.session.get(_DRAFTS, []), str(draft.key)][-_DRAFTS_KEPT:]


def forget_drafts(request: HttpRequest, *, but: ApplicationDraft | None) -> None:
    """Whoever uses this browser next finds no drafts, except the one that goes on."""
    request.session[_DRAFTS] = [str(but.key)] if but else []


def signed_in(request: HttpRequest) -> Person | None:
    """Whoever is signed in, a job seeker or an employer's contact, or None."""
    return cast("Person | None", request.person or None)  # type: ignore[attr-defined]  # put there by our middleware


def person_of(request: HttpRequest) -> Person | None:
    """The signed-in job seeker, or None: applications of article 6 are theirs only (A10)."""
    return _in_role(request, Role.JOB_SEEKER)


def contact_of(request: HttpRequest) -> Person | None:
    """The signed-in contact of an employer, or None (C2-1d)."""
    return _in_role(request, Role.EMPLOYER_CONTACT)


def _in_role(request: HttpRequest, role: Role) -> Person | None:
    person = signed_in(request)
    return person if person and person.role == role else None


def draft_gone(request: HttpRequest) -> HttpResponse:
    return render(request, "booking/draft_gone.html", status=410)


def not_online(request: HttpRequest) -> HttpResponse:
    """This person is served at the counter and by phone for now: said kindly, without a word on why."""
    return render(request, "booking/not_online.html")


def not_accepting(request: HttpRequest) -> HttpResponse:
    """No terms are in force, so nothing can be agreed to and no booking is taken."""
    return render(request, "booking/not_accepting.html")
