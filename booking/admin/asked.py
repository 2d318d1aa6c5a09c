"""What the address of a list asks for."""

from datetime import date

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from booking.models import Closure


def asked_day(request: HttpRequest) -> date | None:
    """The day that the address names, itself or by a closed day; 404 for what is none."""
    if closure := request.GET.get("closure", ""):
        if not closure.isascii() or not closure.isdecimal():
            raise Http404
        return get_object_or_404(Closure, pk=closure).date
    try:
        return date.fromisoformat(request.GET["day"]) if request.GET.get("day") else None
    except ValueError as error:
        raise Http404 from error
