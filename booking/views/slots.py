"""The public view of the ten starts per open day, and the choice of one (C6-1-2-3)."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.forms import StartForm
from booking.links import address_of
from booking.models import ApplicationDraft, Booking
from booking.operations import drafts
from booking.queries import open_booking_of, policy_at, situation
from booking.rules import slots as rule
from booking.rules.calendar import TOKYO, tokyo_date
from booking.rules.slots import ANYBODY, Applicant, Reason
from booking.views.grid import grid_of
from booking.views.steps import not_accepting, own_draft, person_of, remember
from consent.queries import COUNSELLING, is_in_force
from toyooka_hw import clock


def slots(request: HttpRequest) -> HttpResponse:
    """The grid, a week at a time; ``draft`` in the address keeps what was typed while another time is chosen."""
    now = clock.now()
    if not is_in_force(COUNSELLING, now=now):
        return not_accepting(request)
    draft = own_draft(request, uuid_of(request.GET.get("draft")))
    return _page(request, draft, StartForm(now=now), request.GET.get("week", ""), now=now)


def begin(request: HttpRequest) -> HttpResponse:
    """Open a draft for the chosen start, or give the draft at hand another start."""
    if request.method != "POST":
        return redirect("slots")
    now = clock.now()
    if not is_in_force(COUNSELLING, now=now):
        return not_accepting(request)
    form = StartForm(request.POST, now=now)
    draft = own_draft(request, uuid_of(request.POST.get("draft")))
    if not form.is_valid():
        return _page(request, draft, form, request.POST.get("week", ""), now=now)
    start = form.cleaned_data["start"]
    if reasons := _refusals(request, start, now=now):
        return start_refused(request, draft, start, reasons, now=now)
    return redirect("apply_terms", _drafted(request, draft, start).key)


def start_refused(
    request: HttpRequest, draft: ApplicationDraft | None, start: datetime, reasons: Sequence[Reason], *, now: datetime
) -> HttpResponse:
    """Back to the grid, with the reason in words and everything typed kept."""
    messages.error(request, refusal_words(reasons[0], now=now))
    asked = {"week": tokyo_date(start).isoformat()} | ({"draft": str(draft.key)} if draft else {})
    return redirect(f"{reverse('slots')}?{urlencode(asked)}")


def refusal_words(reason: Reason, *, now: datetime) -> str:
    """Why a start cannot be had, and what to do next."""
    too_late = _("この日時の受付は終了しました（前の開庁日の%(time)sまで）。お急ぎの方はお電話ください。") % {
        "time": f"{policy_at(now).request_closes_at:%H:%M}"
    }
    return {
        Reason.NOT_A_START: _("希望日時を選んでください。"),
        Reason.CLOSED_DAY: _("選んだ日は閉庁日です。別の日時を選んでください。"),
        Reason.REQUEST_CLOSED: too_late,
        Reason.CONFIRM_LIMIT: too_late,
        Reason.PAST: too_late,
        Reason.BEYOND_HORIZON: _("この日時は、まだ受付を始めていません。別の日時を選んでください。"),
        Reason.NOBODY_ON_DUTY: _("この日時は受付を行っていません。別の日時を選んでください。"),
        Reason.FULL: _("選んだ日時は、ほかの方の申込みにより受付を終了しました。別の日時を選んでください。"),
        Reason.FIRST_TIMERS_FULL: _("この日は、初めてご利用になる方の受付を終了しました。別の日を選ぶか、お電話でご相談ください。"),
        Reason.OPEN_REQUEST: _("すでにお申込み中の予約があります。変更されるときは、お電話ください。"),
        Reason.ELSEWHERE: _("同じ時間に面接の予定があります。別の日時を選んでください。"),
    }[reason]


def _page(request: HttpRequest, draft: ApplicationDraft | None, form: StartForm, wanted: str, *, now: datetime) -> HttpResponse:
    existing = _open_booking(request, now=now)
    asked = (_date(wanted), tokyo_date(draft.starts_at) if draft else None)
    grid = grid_of(_applicant(request, existing), [day for day in asked if day], now=now)
    context = {
        "form": form,
        "form_errors": form.errors,
        "draft": draft,
        "grid": grid,
        "chosen": form.data.get("start") or (draft and draft.starts_at.astimezone(TOKYO).isoformat()),
        "existing": existing,
        "existing_url": existing and address_of(existing),
        "minutes": grid.policy.slot_minutes,
    }
    return render(request, "booking/slots.html", context)


def _refusals(request: HttpRequest, start: datetime, *, now: datetime) -> tuple[Reason, ...]:
    day = tokyo_date(start)
    applicant = _applicant(request, _open_booking(request, now=now))
    return rule.refusals(start, situation(day, day, now=now), applicant=applicant)


def _drafted(request: HttpRequest, draft: ApplicationDraft | None, start: datetime) -> ApplicationDraft:
    if draft is None or draft.is_sent:  # type: ignore[attr-defined]  # annotated by the query
        draft = drafts.begin(start, wall=clock.wall())
        remember(request, draft)
    else:
        drafts.choose_again(draft, start)
    return draft


def _open_booking(request: HttpRequest, *, now: datetime) -> Booking | None:
    person = person_of(request)
    return open_booking_of(person.pk, now=now) if person else None


def _applicant(request: HttpRequest, existing: Booking | None) -> Applicant:
    """The one who asks: whoever is signed in, with the open booking they have already."""
    person = person_of(request)
    return Applicant(verified=person.is_verified, open_requests=int(existing is not None)) if person else ANYBODY


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def uuid_of(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
