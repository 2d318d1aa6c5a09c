"""Registering somebody who phones or stands at the counter: the person, then the terms that were read out to them (S1-1, S3-7)."""

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

from booking.admin.entry import GUIDED
from booking.admin.finding import found_people
from booking.admin.refusals import REFUSALS, told
from booking.admin.seminars.facts import crumb_of, facts_of, people_page_of
from booking.forms import CompanionForm
from booking.models import Registration, Seminar
from booking.models.bookings import Source
from booking.operations.applications import METHODS, Newcomer
from booking.operations.press import Press
from booking.operations.seminars import desk
from booking.operations.seminars.seats import Sheet
from consent.forms import ShownForm, signed
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import SEMINAR, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.fields import MailField, PhoneField
from toyooka_hw.accounts.models import Person
from toyooka_hw.site import Addresses, Choice, action_page, needs

TITLE = gettext_lazy("電話・窓口の申込みを受け付ける")
_AGAIN = gettext_lazy("画面を開き直して、もう一度入力してください。")


class AcceptForm(CompanionForm, ShownForm):
    """A registration told to staff; of a known person only what belongs to this one."""

    ticks = ("guided", "zoom")
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), _AGAIN))
    source = forms.ChoiceField(
        label=gettext_lazy("申込方法"),
        choices=[(each.value, each.label) for each in (Source.PHONE, Source.COUNTER)],
        initial=Source.PHONE,
        widget=Choice,
    )
    guided = forms.BooleanField(
        label=GUIDED, error_messages={"required": gettext_lazy("規約をご案内し、同意を得てから、チェックを入れてください。")}
    )
    zoom = forms.BooleanField(label=gettext_lazy("Zoomの利用規約への同意も得た"), required=False)
    field_order: tuple[str, ...] = ("full_name", "phone", "email", "source", "companion", "guided", "zoom")

    def sheet(self, *, now: datetime) -> Sheet:
        """What comes with the press."""
        filled = self.cleaned_data
        return Sheet(filled["shown"], filled["key"], filled["companion"], now if filled["zoom"] else None)


class NewcomerForm(AcceptForm):
    full_name = forms.CharField(
        label=gettext_lazy("氏名"), max_length=100, error_messages={"required": gettext_lazy("氏名を入力してください。")}
    )
    phone = PhoneField(label=gettext_lazy("電話番号"))
    email = MailField(label=gettext_lazy("連絡先メールアドレス（任意。ない方には電話でお知らせします）"), required=False)


@needs("booking.change_seminar")
def find(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """Find the person by name, number or phone, or go on with a new one."""
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor"), pk=seminar_id)
    asked, people = found_people(request, Person.objects.filter(merged_into=None))
    page = {
        "title": TITLE,
        "lead": _("まず、これまでに利用された方かどうかを確かめてください。"),
        "choose": _("この方の申込みを受け付ける"),
        "facts": facts_of(seminar),
        "asked": asked,
        "found": [(person, reverse("admin:booking_seminar_enter_for", args=[seminar.pk, person.pk])) for person in people],
        "newcomer": reverse("admin:booking_seminar_enter_new", args=[seminar.pk]),
        "back": people_page_of(seminar),
        "crumb": crumb_of(seminar),
    }
    return TemplateResponse(request, "admin/booking/find_page.html", {**admin.site.each_context(request), **page})


@needs("booking.change_seminar")
def accept(request: HttpRequest, seminar_id: int, person_id: int | None = None) -> HttpResponse:
    """The registration of somebody known, or of somebody new."""
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor"), pk=seminar_id)
    person = get_object_or_404(Person, pk=person_id, merged_into=None) if person_id else None
    now, back = clock.now(), people_page_of(seminar)
    version = version_in_force(SEMINAR, now=now)
    if version is None:
        messages.error(request, _("セミナー・企業見学会の利用規約が公表されていないため、受け付けられません。"))
        return redirect(back)
    form = _form(request, person, version, now=now)
    if form.is_valid():
        try:
            row = _register(form, person, seminar, Press(staff_of(request), now, clock.wall()))
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _accepted(row))
            return redirect(back)
    return _page(request, form, seminar, person, version, now=now)


def _form(request: HttpRequest, person: Person | None, version: TermsVersion, *, now: datetime) -> AcceptForm:
    form_class = AcceptForm if person else NewcomerForm
    return form_class(request.POST if request.method == "POST" else None, initial={"shown": _note(version, now=now), "key": uuid4()})


def _register(form: AcceptForm, person: Person | None, seminar: Seminar, press: Press) -> Registration:
    filled = form.cleaned_data
    known = person or Newcomer(filled["full_name"], filled["email"], filled["phone"])
    return desk.accept(known, seminar.pk, form.sheet(now=press.now), press, method=METHODS[Source(filled["source"])])


def _accepted(row: Registration) -> str:
    known = {"number": row.number, "name": row.person, "seat": row.get_seat_display()}
    told_by = _("メールでお知らせします。") if row.person.email else _("メールアドレスがないため、結果をその場でお伝えください。")
    return f"{_('申込みを受け付けました（%(number)s　%(name)sさん　%(seat)s）。') % known}{told_by}"


def _page(
    request: HttpRequest, form: AcceptForm, seminar: Seminar, person: Person | None, version: TermsVersion, *, now: datetime
) -> HttpResponse:
    """The form; what was ticked for another version than the one in force is asked anew (S9-0)."""
    read = form.cleaned_data.get("shown") if form.is_bound else None
    if form.is_bound and (read is None or read.version_id != version.pk):
        form.ask_again(_note(version, now=now))
    page: dict[str, Any] = {
        "title": TITLE,
        "submit": _("申込みを受け付ける"),
        "lead": _("利用規約（%(version)s）を口頭でご案内してから入力してください。") % {"version": version},
        "facts": [(_("氏名"), str(person) if person else ""), *facts_of(seminar)],
        "person": person,
        "crumb": crumb_of(seminar),
        "warning": _("録画する催しです。参加される方は録画に入らないことを、お伝えください。") if seminar.will_record else "",
    }
    return action_page(request, admin.site, form=form, back=people_page_of(seminar), **page)


def _note(version: TermsVersion, *, now: datetime) -> str:
    return signed(Shown(version.pk, str(GUIDED), now))


ADDRESSES: Addresses = (
    ("<int:seminar_id>/enter/", find, "booking_seminar_enter"),
    ("<int:seminar_id>/enter/new/", accept, "booking_seminar_enter_new"),
    ("<int:seminar_id>/enter/<int:person_id>/", accept, "booking_seminar_enter_for"),
)
