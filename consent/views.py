"""The terms, to be read by anybody without signing in (C0-2)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from consent.models import TermsVersion
from consent.queries import COUNSELLING, SEMINAR, version_in_force
from toyooka_hw import clock


def terms(request: HttpRequest, document: str, number: int | None = None) -> HttpResponse:
    """One version of a document: the one in force, or an announced one by its number."""
    now = clock.now()
    announced = TermsVersion.objects.filter(document__code=document, announced_at__lte=now).select_related("document")
    versions = list(announced.order_by("-number"))
    current = version_in_force(document, now=now)
    version = current if number is None else next((each for each in versions if each.number == number), None)
    if document not in (COUNSELLING, SEMINAR) or (version is None and number is not None):
        raise Http404
    return render(request, "consent/terms.html", {"version": version, "current": current, "versions": versions})
