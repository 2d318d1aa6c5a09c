"""The pages of an employer's contact: who they are, what they ask for, and how it stands (C2-1d, A10)."""

from django.http import Http404, HttpRequest, HttpResponse


def employer(request: HttpRequest) -> HttpResponse:
    raise Http404
