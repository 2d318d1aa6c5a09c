"""The personal page of one registration for a seminar, behind a signed link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from booking.links import registration_of


@never_cache
def registration(request: HttpRequest, token: str) -> HttpResponse:
    """How the registration stands, and what can be done about it."""
    row = registration_of(token)
    if row is None:
        return render(request, "404.html", status=404)
    return render(request, "seminars/registration.html", {"registration": row, "seminar": row.seminar})
