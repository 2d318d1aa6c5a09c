"""Entering a booking for somebody who phones, stands at the counter or sits in a session: the person, then their wish (C0-3, C6-1-2n)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.actions import ACTIONS
from booking.admin.entry_form import EntryForm, NextForm
from booking.admin.finding import found_people
from booking.admin.refusals import REFUSALS, told
from booking.models import Booking
from booking.models.bookings import Source
from booking.operations import applications
from booking.operations.applications import Details, Entry, Newcomer
from booking.operations.bookings import Decision
from booking.operations.press import Press
from booking.operations.transitions import changed
from booking.rules.calendar import TOKYO, tokyo_date
from consent.forms import signed
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import COUNSELLING, consent_to, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.accounts.queries import restriction_of
from toyooka_hw.site import WORK_LIST, Addresses, action_page, needs, return_address

GUIDED = gettext_lazy("規約の案内をして同意を得た（電話・窓口）")
STILL_AGREES = gettext_lazy("現在の規約への同意を、相談の中で確認した")
AGREES_ANEW = gettext_lazy("規約が変わったことを案内し、新しい規約への同意を得た（相談中）")
DAY_OVER = gettext_lazy("「次回の予約を入れる」は、相談の当日だけ使えます。「電話・窓口の申込みを入力」から入力してください。")
WISHED = ("start", "counsellor")


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why staff enter a booking: somebody phones or stands there (``person`` None: nobody known), or ``last`` is their session of now.

    ``knows_terms``: the person has agreed to the version in force already.
    """

    version: TermsVersion
    person: Person | None
    last: Booking | None
    back: str

    @property
    def knows_terms(self) -> bool:
        return self.person is not None and consent_to(self.version, self.person.pk) is not None

    @property
    def label(self) -> Any:
        """What staff confirm with their tick; it is kept with the consent."""
        if self.last is None:
            return GUIDED
        return STILL_AGREES if self.knows_terms else AGREES_ANEW


@needs("booking.add_booking")
def enter(request: HttpRequest) -> HttpResponse:
    """Find the person by name, number or phone, or go on with a new one; a wished place goes along."""
    asked, people = found_people(request, Person.objects.filter(role=Role.JOB_SEEKER))
    carried = [(name, request.GET[name]) for name in WISHED if request.GET.get(name)]
    page = {"title": _("電話・窓口の申込みを入力"), "asked": asked, "carried": carried}
    wish = f"?{urlencode(carried)}" if carried else ""
    found = [(person, f"{reverse('admin:booking_enter_for', args=[person.pk])}{wish}") for person in people]
    context = {**admin.site.each_context(request), **page, "found": found, "wish": wish}
    return TemplateResponse(request, "admin/booking/enter.html", context)


@needs("booking.add_booking")
def enter_for(request: HttpRequest, person_id: int | None = None) -> HttpResponse:
    """The wish of a known person, or of a new one."""
    person = get_object_or_404(Person, pk=person_id, role=Role.JOB_SEEKER) if person_id else None
    return _taken_down(request, person, None, reverse("admin:booking_enter"), now=clock.now())


@needs("booking.add_booking")
def next_booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """次回の予約を入れる: during a session or after it on the same day, with everything known of the person."""
    last, now = get_object_or_404(Booking.objects.select_related("applicant__merged_into"), pk=booking_id), clock.now()
    back = return_address(request, reverse("admin:booking_booking_change", args=[booking_id]))
    if not ACTIONS["next"].stands(last, now=now):
        over = tokyo_date(now) > tokyo_date(last.starts_at)
        messages.error(request, DAY_OVER if over else told(changed(last)))
        return redirect(back)
    return _taken_down(request, last.applicant.merged_into or last.applicant, last, back, now=now)


def _taken_down(request: HttpRequest, person: Person | None, last: Booking | None, back: str, *, now: datetime) -> HttpResponse:
    """Show the form, or enter what it says."""
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        messages.error(request, _("利用規約が公表されていないため、予約を入力できません。"))
        return redirect(WORK_LIST)
    occasion = Occasion(version, person, last, back)
    form = _form(request, occasion, now=now)
    if made := _made_before(form):
        return _entered(request, made, occasion)
    if form.is_valid():
        try:
            booking = _enter(occasion, form.cleaned_data, Press(staff_of(request), now, clock.wall()))
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            return _entered(request, booking, occasion)
    return _entry_page(request, form, occasion)


def _form(request: HttpRequest, occasion: Occasion, *, now: datetime) -> EntryForm:
    form_class = NextForm if occasion.last else EntryForm
    fresh = {
        "shown": _note(occasion, now=now),
        "key": uuid4(),
        **_wished(request),
        **_as_last_time(occasion),
    }
    data = request.POST if request.method == "POST" else None
    return form_class(data, person=occasion.person, label=occasion.label, now=now, initial=fresh)


def _note(occasion: Occasion, *, now: datetime) -> str:
    return signed(Shown(occasion.version.pk, str(occasion.label), now))


def _wished(request: HttpRequest) -> dict[str, str]:
    """The place that the address names, as a free seat of the day's grid does; nonsense is left out."""
    wished = {}
    with suppress(ValueError):  # an address that names no moment wishes for none
        wished["starts_at"] = datetime.fromisoformat(request.GET.get("start", "")).astimezone(TOKYO).isoformat()
    if request.GET.get("counsellor", "").isdecimal():
        wished["counsellor"] = request.GET["counsellor"]
    return wished


def _as_last_time(occasion: Occasion) -> dict[str, Any]:
    """With the same counsellor, confirmed at once; the registration is looked up anew (C2-1a)."""
    return {"counsellor": occasion.last.counsellor_id, "confirm_now": True} if occasion.last else {}


def _made_before(form: EntryForm) -> Booking | None:
    """What an earlier press of this very form made; its place, taken by now, is no fault of the second press."""
    if not form.is_bound:
        return None
    form.full_clean()
    key = form.cleaned_data.get("key")
    return Booking.objects.filter(draft_key=key).first() if key else None


def _entered(request: HttpRequest, booking: Booking, occasion: Occasion) -> HttpResponse:
    messages.success(request, _("予約を入力しました（%(booking)s）。") % {"booking": booking})
    return redirect(occasion.back if occasion.last else WORK_LIST)


def _entry_page(request: HttpRequest, form: EntryForm, occasion: Occasion) -> HttpResponse:
    read = form.cleaned_data.get("shown") if form.is_bound else None
    if form.is_bound and (read is None or read.version_id != occasion.version.pk):
        form.ask_again(_note(occasion, now=form.now))
    page = {
        "title": ACTIONS["next"].label if occasion.last else _("電話・窓口の申込みを入力"),
        "lead": _lead(occasion),
        "facts": _on_record(occasion),
        "person": occasion.person,
        "booking": occasion.last,
        "warning": _restriction(occasion.person, now=form.now),
        "submit": _("予約を入力する"),
    }
    return action_page(request, admin.site, form=form, back=occasion.back, **page)


def _restriction(person: Person | None, *, now: datetime) -> str:
    """That the person may not use the online channel for now (C6-1-4c); staff decide with this before their eyes."""
    today = tokyo_date(now)
    standing = restriction_of([person.pk], on=today).get(person.pk) if person else None
    return _("オンラインでの利用をお断りしている期間です（%(span)s）。管理者に確認してください。") % {"span": standing} if standing else ""


def _lead(occasion: Occasion) -> str:
    words = {"version": occasion.version}
    if occasion.last is None:
        return _("利用規約（%(version)s）を口頭でご案内してから入力してください。") % words
    if occasion.knows_terms:
        return _("現在の利用規約（%(version)s）に同意されています。同意に変わりがないことを確かめてから入力してください。") % words
    return _("前回の同意のあとに利用規約が変わりました（%(version)s）。お知らせを読み上げ、同意を得てから入力してください。") % words


def _on_record(occasion: Occasion) -> list[tuple[str, str]]:
    if occasion.person is None:
        return []
    known = [(_("氏名"), occasion.person.full_name)]
    if occasion.last and not occasion.knows_terms:
        known.append((_("規約の変更"), _notice_link(occasion.version)))
    return known


def _notice_link(version: TermsVersion) -> str:
    name = "terms_notice" if hasattr(version, "notice") else "terms_version"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[version.document.code, version.number]), _("読み上げるお知らせを開く"))


def _enter(occasion: Occasion, filled: Mapping[str, Any], press: Press) -> Booking:
    """All or nothing: a person who is new, the request, and its confirmation where staff confirm at once."""
    known = occasion.person or Newcomer(filled["full_name"], filled["email"])
    return applications.enter(known, _entry(known, filled, by=press.by), by=press.by, **press.clocks)


def _entry(known: Person | Newcomer, filled: Mapping[str, Any], *, by: User) -> Entry:
    details = Details(
        full_name=filled.get("full_name") or known.full_name,
        phone=filled.get("phone", ""),
        job_seeker_number=filled.get("job_seeker_number", ""),
        no_number_yet=filled.get("no_number_yet", False),
        name_kana=filled.get("name_kana", ""),
        topic=filled["topic"],
        companion=filled["companion"],
    )
    return Entry(
        starts_at=filled["starts_at"],
        details=details,
        source=Source(filled.get("source", Source.IN_SESSION)),
        consent=filled["shown"],
        reason=filled["reason"],
        environment_declared=filled["environment"],
        zoom_stated=filled["zoom"],
        decision=Decision(filled["eligibility"], by) if filled["confirm_now"] else None,
        counsellor=filled["counsellor"] and filled["counsellor"].pk,
        proxy_contact=filled.get("proxy_contact", ""),
        key=filled["key"],
    )


ADDRESSES: Addresses = (
    ("enter/", enter, "booking_enter"),
    ("enter/new/", enter_for, "booking_enter_new"),
    ("enter/<int:person_id>/", enter_for, "booking_enter_for"),
    ("<int:booking_id>/next/", next_booking, "booking_next"),
)
