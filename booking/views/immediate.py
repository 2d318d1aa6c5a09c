"""Immediate sessions for those whose consent is on record (article 6-2): whether they are taken, the gate, the request, the wait."""

from django.http import Http404, HttpRequest, HttpResponse


def immediate(request: HttpRequest) -> HttpResponse:
    raise Http404
