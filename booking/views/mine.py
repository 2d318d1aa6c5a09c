"""What a signed-in job seeker has with the office: sessions to come, and those that were."""

from django.http import Http404, HttpRequest, HttpResponse


def mine(request: HttpRequest) -> HttpResponse:
    raise Http404
