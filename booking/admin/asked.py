"""What the address of a list asks for."""

from datetime import date

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from booking.models import Closure

YEARS = range(2000, 2100)  # what lies beyond is a slip of the finger, and the ends of the calendar have no day before or after them


def asked_day(request: HttpRequest) -> date | None:
    """The day that the address names, itself or by a closed day; 404 for what is none."""
    if closure := request.GET.get("closure", ""):
        if not closure.isascii() or not closure.isdecimal():
            raise Http404
        return get_object_or_404(Closure, pk=closure).date
    if not request.GET.get("day"):
        return None
    try:
        day = date.fromisoformat(request.GET["day"])
    except ValueError as error:
        raise Http404 from error
    if day.year not in YEARS:
        raise Http404
    return day
