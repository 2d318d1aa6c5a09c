"""The staff's own pages: one page per button, the way into the meeting."""

from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from booking.admin.actions import ACTIONS
from booking.admin.buttons import Action, press_page, too_late
from booking.admin.host_way import go_in
from booking.admin.refusals import REFUSALS, told
from booking.models import Booking, Meeting
from booking.models.bookings import Kind, Outcome, State
from booking.operations import access, delivery, meetings, sessions
from booking.operations.transitions import changed
from booking.queries import policy_at
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.operations import look_at
from toyooka_hw.site import WORK_LIST, Addresses, needs, return_address
from toyooka_hw.wording import ja_limit, ja_time_span, show_phone


@needs("booking.view_booking")
def worklist(_request: HttpRequest) -> HttpResponse:
    """The address that the day's page used to have."""
    return redirect(WORK_LIST)


@needs("booking.change_booking")
def act(request: HttpRequest, booking_id: int, name: str) -> HttpResponse:
    """The page of one button: GET shows what it does and its form, POST does the one operation."""
    if name not in ACTIONS:
        raise Http404
    action, now = ACTIONS[name], clock.now()
    booking = get_object_or_404(Booking.objects.select_related("applicant", "counsellor", "host").prefetch_related("holds"), pk=booking_id)
    back = return_address(request, reverse(WORK_LIST))
    if not action.stands(booking, now=now):
        return too_late(request, booking, _why_not(action, booking, now=now), back)
    if action.leads_to:
        return redirect(f"{reverse(action.leads_to, args=[booking.pk])}?{urlencode({'next': back})}")
    form = action.form(request.POST if request.method == "POST" else None, booking=booking, now=now)
    said = f"{booking.number} {booking.applicant}：{action.said(by_mail=bool(booking.applicant.email))}"
    page = {"facts": facts(booking), "booking": booking, "person": booking.applicant, "warning": action.warning(booking, now)}
    return press_page(request, action, booking, form, now=now, back=back, said=said, **page)


@needs("booking.change_booking")
@require_POST
def host(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The counsellor goes in: their presence is noted, and a fresh host link opened that is stored nowhere."""
    booking, by, now = get_object_or_404(Booking, pk=booking_id), staff_of(request), clock.now()

    def check() -> None:
        sessions.check_join_window(booking, policy_at(now), now=now)
        if booking.kind != Kind.RESERVED:
            delivery.check_way_in(booking.pk, by=by, now=now)

    note = partial(sessions.counsellor_seen, booking.pk, by=by, now=now)
    return go_in(request, booking, check=check, note=note, back=return_address(request, reverse(WORK_LIST)))


@needs("booking.change_booking")
@never_cache
@require_POST
def codes(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Meeting id and passcode, to be read out to somebody who has no mailbox; each look is a row."""
    booking = get_object_or_404(Booking.objects.select_related("applicant"), pk=booking_id)
    back = return_address(request, reverse(WORK_LIST))
    person = booking.applicant
    try:
        meeting = access.tell_code(booking.pk, by=staff_of(request), now=clock.now())
    except REFUSALS as refusal:
        messages.error(request, told(refusal))
        return redirect(back)
    look_at(person, "phone", by=staff_of(request), now=clock.now())  # this very page is for phoning
    page = {
        "title": _("電話で伝える番号"),
        "booking": booking,
        "meeting_id": meeting.grouped_id,
        "passcode": meeting.passcode,
        "back": back,
    }
    context = {**admin.site.each_context(request), **page, "phone": show_phone(person.phone) if person.phone else ""}
    return TemplateResponse(request, "admin/booking/codes.html", context)


@needs("booking.change_meeting")
@require_POST
def meeting_again(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Try once more what was given up."""
    meeting = get_object_or_404(Meeting, pk=meeting_id)
    if meetings.try_again(meeting.pk, by=staff_of(request), now=clock.now(), wall=clock.wall()):
        messages.success(request, _("Zoomミーティングの作成をもう一度試します。"))
    else:
        messages.info(request, _("このZoomミーティングは、すでに作成済みか、作成の途中です。"))
    return redirect(return_address(request, reverse(WORK_LIST)))


def facts(booking: Booking) -> list[tuple[str, str]]:
    """What staff must have before their eyes when they decide; the page itself adds the masked number and phone of its ``person``."""
    person = booking.applicant
    return [
        (_("受付番号"), booking.number),
        (_("状態"), booking.get_state_display()),
        (_("結果の内訳"), booking.get_outcome_display() if booking.outcome != Outcome.CONDUCT else ""),
        (_("日時"), ja_time_span(booking.starts_at, booking.ends_at)),
        (_("利用者"), str(person)),
        (_("求職番号"), _("まだ持っていない") if booking.no_number_yet and not person.job_seeker_number else ""),
        (_("本人情報"), _("確認済み") if person.is_verified else _("未確認")),
        (_("担当者"), str(booking.counsellor or "")),
        (_("確定の期限"), ja_limit(booking.confirm_limit) if booking.kind == Kind.RESERVED else ""),
        (_("お返事の期限"), ja_limit(booking.answer_by) if booking.kind != Kind.RESERVED and booking.state == State.REQUESTED else ""),
    ]


def _why_not(action: Action, booking: Booking, *, now: datetime) -> Exception:
    """What the operation itself would say, where that is more than that somebody was faster."""
    try:
        action.check(booking, now)
    except REFUSALS as refusal:
        return refusal
    return changed(booking)


ADDRESSES: Addresses = (
    ("worklist/", worklist, "booking_worklist"),
    ("<int:booking_id>/act/<slug:name>/", act, "booking_act"),
    ("<int:booking_id>/host/", host, "booking_host"),
    ("<int:booking_id>/codes/", codes, "booking_codes"),
    ("meeting/<int:meeting_id>/again/", meeting_again, "booking_meeting_again"),
)
