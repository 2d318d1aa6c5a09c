"""Declining several requests at once: chosen in the inbox, looked at once more, done one by one, and told which were not."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from booking.admin.deciding import DeclineReason
from booking.admin.refusals import told
from booking.mails import declined_words
from booking.models import Booking, BookingEvent
from booking.models.bookings import Kind, State
from booking.operations.declining import decline_many
from booking.operations.transitions import StateChanged
from booking.rules.lifecycle import Actor, Event, legal_events
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Addresses, needs

INBOX = "admin:booking_inbox"
MOST = 50


@needs("booking.change_booking")
@never_cache
def decline(request: HttpRequest) -> HttpResponse:
    """GET asks for the reason, POST shows whom it goes to and what they read; ``sure`` does it."""
    given = request.POST if request.method == "POST" else None
    found = _picked(given or request.GET)
    open_ones = [booking for booking in found if _may_be_declined(booking)]
    form = DeclineReason(given)
    if given and open_ones and form.is_valid():
        reason = form.cleaned_data["reason"]
        if "sure" in given:
            decline_many(_seen(given, open_ones), reason=reason, by=staff_of(request), now=clock.now(), wall=clock.wall())
            return redirect(f"{reverse('admin:booking_declined')}?{urlencode({'pick': [row.pk for row in found]}, doseq=True)}")
        return _page(
            request,
            "inbox_decline_sure",
            found,
            form=form,
            reason=reason,
            seen=[f"{row.pk}.{_last(row).pk}" for row in open_ones],
            letter=declined_words(open_ones[0], reason, now=clock.now()),
        )
    return _page(request, "inbox_decline", found, form=form)


@needs("booking.change_booking")
@never_cache
def declined(request: HttpRequest) -> HttpResponse:
    """What became of them, read from the bookings themselves: loading the page again changes nothing."""
    found = _picked(request.GET)
    done = [booking for booking in found if booking.state == State.DECLINED and _last(booking).by_id == request.user.pk]
    missed = [(booking, _faster(booking)) for booking in found if booking not in done]
    return _page(request, "inbox_declined", found, done=done, missed=missed, to_phone=[row for row in done if not row.applicant.email])


def _page(request: HttpRequest, name: str, found: Sequence[Booking], **context: Any) -> HttpResponse:
    groups = {
        "open_ones": [booking for booking in found if _may_be_declined(booking)],
        "others": [(booking, _faster(booking)) for booking in found if not _may_be_declined(booking)],
        "back": reverse(INBOX),
        "title": _("まとめてお断り"),
    }
    return TemplateResponse(request, f"admin/booking/{name}.html", {**admin.site.each_context(request), **groups, **context})


def _picked(given: Any) -> list[Booking]:
    """The chosen bookings, the most urgent first; what is no number is nobody's."""
    ids = [int(pk) for pk in given.getlist("pick") if pk.isascii() and pk.isdecimal() and len(pk) < 18][:MOST]
    rows = Booking.objects.filter(pk__in=ids, kind=Kind.RESERVED).select_related("applicant").prefetch_related("events__by")
    return list(rows.order_by("answer_by", "starts_at", "pk"))


def _seen(given: Any, open_ones: Sequence[Booking]) -> dict[int, int | None]:
    """The last line of each one's history that the page showed: ``12.345`` is booking 12 at line 345."""
    pairs = (each.partition(".") for each in given.getlist("seen"))
    lines = {pk: int(line) for pk, _dot, line in pairs if line.isascii() and line.isdecimal() and len(line) < 18}
    return {booking.pk: lines.get(str(booking.pk)) for booking in open_ones}


def _may_be_declined(booking: Booking) -> bool:
    return Event.DECLINE in legal_events(booking.rule_kind, booking.rule_state, Actor.STAFF)


def _last(booking: Booking) -> BookingEvent:
    return max(booking.events.all(), key=lambda event: event.pk)


def _faster(booking: Booking) -> str:
    """Why this one is not, or no longer, to be declined: in what state it is, and who brought it there."""
    return told(StateChanged(booking, str(_last(booking).by or "")))


ADDRESSES: Addresses = (("inbox/decline/", decline, "booking_decline_many"), ("inbox/declined/", declined, "booking_declined"))
