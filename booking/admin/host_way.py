"""The office's own way into a meeting: a fresh host link at the press, stored nowhere, and a line that says who went in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from booking.admin.refusals import REFUSALS, told
from booking.models import Booking, Seminar
from booking.operations import meetings
from toyooka_hw import clock


def go_in(
    request: HttpRequest, occasion: Booking | Seminar, *, check: Callable[[], None], note: Callable[[], None], back: str
) -> HttpResponse:
    """To the meeting, where ``check`` raises nothing and Zoom answers; ``note`` is written down first."""
    try:
        check()
        link = meetings.host_link(occasion, wall=clock.wall())
    except REFUSALS as refusal:
        messages.error(request, told(refusal))
        return redirect(back)
    note()
    return HttpResponseRedirect(link)
