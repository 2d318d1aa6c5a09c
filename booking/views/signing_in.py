"""Signing in by a six-digit code, outside of an application: for immediate sessions, one's own page, and employers."""

from django.http import Http404, HttpRequest, HttpResponse


def email(request: HttpRequest, door: str) -> HttpResponse:
    raise Http404
