"""Entering a booking for somebody who phones or stands at the counter: find the person, then their wish (C0-3, C6-1-2n)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.actions import Press
from booking.admin.forms import NO_CHOICE, Choice, eligibility_field, reason_field, start_field
from booking.admin.refusals import REFUSALS, told
from booking.admin.times import free_times
from booking.models import Booking
from booking.models.bookings import Source
from booking.operations import applications
from booking.operations.applications import Details, Entry, Newcomer
from booking.operations.bookings import Decision
from booking.rules.slots import is_late
from consent.forms import ShownForm, signed
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import COUNSELLING, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.admin import people_matching, staff_of
from toyooka_hw.accounts.fields import JobSeekerNumberField, KanaField, MailField, PhoneField
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.site import WORK_LIST, Addresses, action_page, needs

GUIDED = gettext_lazy("規約の案内をして同意を得た（電話・窓口）")
MOST_FOUND = 20


class EntryForm(ShownForm):
    """A request told to staff. Of a known person only what is missing is asked; a phone number on record is never changed here (A9)."""

    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("画面を開き直して、もう一度入力してください。")),
    )
    starts_at = start_field(gettext_lazy("希望日時"))
    source = forms.ChoiceField(
        label=gettext_lazy("申込方法"),
        choices=[choice for choice in Source.choices if choice[0] in (Source.PHONE, Source.COUNTER)],
        initial=Source.PHONE,
        widget=Choice,
    )
    full_name = forms.CharField(
        label=gettext_lazy("氏名"), max_length=100, error_messages={"required": gettext_lazy("氏名を入力してください。")}
    )
    name_kana = KanaField(label=gettext_lazy("ふりがな（任意）"), max_length=100, required=False)
    job_seeker_number = JobSeekerNumberField(label=gettext_lazy("求職番号"), required=False)
    no_number_yet = forms.BooleanField(label=gettext_lazy("求職番号をまだ持っていない"), required=False)
    phone = PhoneField(label=gettext_lazy("求職情報として登録した電話番号"))
    email = MailField(label=gettext_lazy("連絡先メールアドレス（任意。ない方には電話でお知らせします）"), required=False)
    topic = forms.CharField(label=gettext_lazy("相談したいこと（任意）"), max_length=400, required=False)
    companion = forms.CharField(label=gettext_lazy("通訳・介助者などの同席（任意）"), max_length=400, required=False)
    environment = forms.BooleanField(label=gettext_lazy("利用環境（規約第5条）を確認した"), required=False)
    guided = forms.BooleanField(
        label=GUIDED, error_messages={"required": gettext_lazy("規約をご案内し、同意を得てから、チェックを入れてください。")}
    )
    reason = reason_field(
        gettext_lazy("例外として当日確定する（理由）"), gettext_lazy("本日の日時を選んだときだけ、必要です。"), required=False
    )
    confirm_now = forms.BooleanField(
        label=gettext_lazy("続けて確定する"), required=False, help_text=gettext_lazy("本日の日時を選んだときは、必要です。")
    )
    eligibility = eligibility_field(required=False)

    def __init__(self, *args: Any, person: Person | None, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["starts_at"].choices = [*NO_CHOICE, *free_times(now=now, override=True)]  # type: ignore[attr-defined]  # the stubs know only the plain Field
        for name in _known(person):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        asked = "job_seeker_number" in self.fields and "job_seeker_number" not in self.errors
        if asked and not (filled["job_seeker_number"] or filled["no_number_yet"]):
            self.add_error("job_seeker_number", _("求職番号を入力するか、「まだ持っていない」にチェックを入れてください。"))
        if filled.get("starts_at") and is_late(filled["starts_at"], now=self.now) and not filled.get("confirm_now"):
            self.add_error("confirm_now", _("当日のご予約は、続けて確定してください。"))
        if filled.get("confirm_now") and not filled.get("eligibility"):
            self.add_error("eligibility", _("続けて確定するときは、資格の確認の結果を選んでください。"))
        return filled


@needs("booking.add_booking")
def enter(request: HttpRequest) -> HttpResponse:
    """Find the person by name, number or phone, or go on with a new one."""
    asked = request.GET.get("q", "").replace("\0", "").strip()
    people = people_matching(Person.objects.filter(role=Role.JOB_SEEKER), asked).order_by("full_name", "pk")[:MOST_FOUND] if asked else []
    context = {**admin.site.each_context(request), "title": _("電話・窓口の申込みを入力"), "asked": asked, "people": people}
    return TemplateResponse(request, "admin/booking/enter.html", context)


@needs("booking.add_booking")
def enter_for(request: HttpRequest, person_id: int | None = None) -> HttpResponse:
    """The wish of a known person, or of a new one."""
    person = get_object_or_404(Person, pk=person_id, role=Role.JOB_SEEKER) if person_id else None
    now = clock.now()
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        messages.error(request, _("利用規約が公表されていないため、予約を入力できません。"))
        return redirect(WORK_LIST)
    fresh = {"shown": signed(Shown(version.pk, str(GUIDED), now)), "key": uuid4()}
    form = EntryForm(request.POST if request.method == "POST" else None, person=person, now=now, initial=fresh)
    if made := _made_before(form):
        return _entered(request, made)
    if form.is_valid():
        try:
            booking = _enter(person, form.cleaned_data, Press(staff_of(request), now, clock.wall()))
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            return _entered(request, booking)
    return _entry_page(request, form, person, version)


def _made_before(form: EntryForm) -> Booking | None:
    """What an earlier press of this very form made; its place, taken by now, is no fault of the second press."""
    if not form.is_bound:
        return None
    form.full_clean()
    key = form.cleaned_data.get("key")
    return Booking.objects.filter(draft_key=key).first() if key else None


def _entered(request: HttpRequest, booking: Booking) -> HttpResponse:
    messages.success(request, _("予約を入力しました（%(booking)s）。") % {"booking": booking})
    return redirect(WORK_LIST)


def _entry_page(request: HttpRequest, form: EntryForm, person: Person | None, version: TermsVersion) -> HttpResponse:
    page = {
        "title": _("電話・窓口の申込みを入力"),
        "lead": _("利用規約（%(version)s）を口頭でご案内してから入力してください。") % {"version": version},
        "facts": _on_record(person) if person else [],
        "submit": _("予約を入力する"),
    }
    return action_page(request, admin.site, form=form, back=reverse("admin:booking_enter"), **page)


def _on_record(person: Person) -> list[tuple[str, str]]:
    return [
        (_("氏名"), person.full_name),
        (_("求職番号"), person.job_seeker_number),
        (_("電話番号"), person.masked_phone if person.phone else ""),
    ]


def _enter(person: Person | None, filled: Mapping[str, Any], press: Press) -> Booking:
    """All or nothing: a person who is new, the request, and its confirmation where staff confirm at once."""
    known = person or Newcomer(filled["full_name"], filled["email"])
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
        source=Source(filled["source"]),
        consent=filled["shown"],
        reason=filled["reason"],
        environment_declared=filled["environment"],
        decision=Decision(filled["eligibility"], by) if filled["confirm_now"] else None,
        key=filled["key"],
    )


def _known(person: Person | None) -> list[str]:
    """What need not be asked of this person."""
    if person is None:
        return []
    on_record = {
        "full_name": person.full_name,
        "name_kana": person.name_kana,
        "email": "a mailbox is proven by its owner, never changed here",
        "job_seeker_number": person.job_seeker_number,
        "no_number_yet": person.job_seeker_number,
        "phone": person.phone,
    }
    return [name for name, value in on_record.items() if value]


ADDRESSES: Addresses = (
    ("enter/", enter, "booking_enter"),
    ("enter/new/", enter_for, "booking_enter_new"),
    ("enter/<int:person_id>/", enter_for, "booking_enter_for"),
)
