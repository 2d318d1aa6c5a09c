"""The terms, their versions and changes, to be read by anybody without signing in (C0-2, C13-0); and a person's own consents."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from consent.models import ChangeNotice, TermsVersion
from consent.queries import COUNSELLING, SEMINAR, TEXTS, compared_in_public, consents_of, facts, staged, version_before, withdrawals_of
from consent.rules import Ground, Stage, predecessor
from toyooka_hw import clock


@dataclass(frozen=True, slots=True)
class Published:
    """A version that was announced, its stage now, and the one it took (or will take) over from; ``told``: a public notice exists."""

    row: TermsVersion
    stage: Stage
    before: TermsVersion | None
    told: bool


def terms(request: HttpRequest, document: str, number: int | None = None) -> HttpResponse:
    """One version of a document: the one in force, or an announced one by its number."""
    if document not in (COUNSELLING, SEMINAR):
        raise Http404
    versions = _published(document, now=clock.now())
    current = next((each for each in versions if each.stage == Stage.IN_FORCE), None)
    shown = current if number is None else next((each for each in versions if each.row.number == number), None)
    if shown is None and number is not None:
        raise Http404
    points = list(shown.row.points.all()) if shown else []
    if shown:
        shown.row.refresh_from_db(fields=TEXTS)
    return render(
        request, "consent/terms.html", {"code": document, "shown": shown, "points": points, "current": current, "versions": versions}
    )


def notice(request: HttpRequest, document: str, number: int) -> HttpResponse:
    """The public notice of a change: that it changes, into what, from when, on which ground (C13-0, S9-0)."""
    now = clock.now()
    notices = ChangeNotice.objects.exclude(ground=Ground.INITIAL).select_related("version__document")
    found = get_object_or_404(notices, version__document__code=document, version__number=number, version__announced_at__lte=now)
    version = found.version
    begun = bool(version.effective_at and version.effective_at <= now)
    context = {"notice": found, "version": version, "before": version_before(version), "begun": begun}
    return render(request, "consent/notice.html", context)


def comparison(request: HttpRequest, document: str, new: int, old: int) -> HttpResponse:
    """The 新旧対照表 of any two announced versions, the later one as 改正後 (C13-0, S9-0)."""
    found = compared_in_public(document, new, old, now=clock.now()) if new != old else None
    if found is None:
        raise Http404
    row_new, row_old, table = found
    if (row_new.effective_at, row_new.pk) < (row_old.effective_at, row_old.pk):
        return redirect("terms_comparison", document, old, new)
    context = {"document": row_new.document, "new": row_new, "old": row_old, "comparison": table}
    return render(request, "consent/comparison.html", context)


@never_cache
def consents(request: HttpRequest) -> HttpResponse:
    """What the signed-in person answered so far, to be read and printed."""
    person = request.person or None  # type: ignore[attr-defined]  # put there by our middleware
    records = {"consents": consents_of(person.pk), "withdrawals": withdrawals_of(person.pk)} if person else {}
    return render(request, "consent/consents.html", {"person": person, **records})


def _published(document: str, *, now: datetime) -> list[Published]:
    rows = [(row, stage) for row, stage in staged(document, now=now) if row.announced_at is not None and row.announced_at <= now]
    by_id = {row.pk: row for row, _stage in rows}
    known = [facts(row) for row, _stage in rows]
    found = [predecessor(version, known) for version in known]
    return [
        Published(row, stage, by_id[before.id] if before else None, told=version.ground not in ("", Ground.INITIAL))
        for (row, stage), version, before in zip(rows, known, found, strict=True)
    ]
