"""Writing down what an employer asks for by phone or at the counter: the contact, known or new, then the request (C2-1d, A10)."""

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
from booking.forms import CompanionForm
from booking.models.bookings import Source
from booking.operations import employers
from booking.operations.employers import Ask
from booking.queries import wished_situation
from booking.wishes import WishForm
from consent.forms import ShownForm, signed
from consent.models import TermsVersion
from consent.operations import Shown
from consent.queries import COUNSELLING, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.fields import EstablishmentNumberField, MailField, PhoneField
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.accounts.operations import Statement, enter_contact
from toyooka_hw.site import Addresses, Choice, action_page, needs

TITLE = gettext_lazy("電話・窓口の依頼を入力")
LIST, _FIND = "admin:booking_employer_requests", "admin:booking_employer_find"
_AGAIN = gettext_lazy("画面を開き直して、もう一度入力してください。")


class ToldForm(WishForm, CompanionForm, ShownForm):
    """A request told to staff, with the tick that the terms were told and agreed to."""

    ticks = ("guided",)
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), _AGAIN))
    source = forms.ChoiceField(
        label=gettext_lazy("申込方法"),
        choices=[(each.value, each.label) for each in (Source.PHONE, Source.COUNTER)],
        initial=Source.PHONE,
        widget=Choice,
    )
    environment = forms.BooleanField(label=gettext_lazy("利用環境（規約第5条）を確認した"), required=False)
    guided = forms.BooleanField(
        label=GUIDED, error_messages={"required": gettext_lazy("規約をご案内し、同意を得てから、チェックを入れてください。")}
    )

    def wish(self, *, now: datetime) -> Ask:
        """The request as the operation takes it."""
        environment = now if self.cleaned_data["environment"] else None
        return Ask(environment_declared_at=environment, source=self.cleaned_data["source"], **self.asked())


class ContactForm(forms.Form):
    """A contact as they stand in the ministry's system, compared by whoever writes them down."""

    establishment_number = EstablishmentNumberField(label=gettext_lazy("事業所番号"))
    establishment_name = forms.CharField(
        label=gettext_lazy("事業所名"), max_length=100, error_messages={"required": gettext_lazy("事業所名を入力してください。")}
    )
    department = forms.CharField(label=gettext_lazy("部署（任意）"), max_length=60, required=False)
    full_name = forms.CharField(
        label=gettext_lazy("氏名"), max_length=100, error_messages={"required": gettext_lazy("氏名を入力してください。")}
    )
    phone = PhoneField(label=gettext_lazy("ハローワークシステムに登録されている電話番号"))
    email = MailField(label=gettext_lazy("連絡先メールアドレス（任意。ない方には電話でお知らせします）"), required=False)


@needs("booking.add_booking")
def find(request: HttpRequest) -> HttpResponse:
    """Find the contact by name or phone, or write down a new one."""
    asked, people = found_people(request, Person.objects.filter(role=Role.EMPLOYER_CONTACT))
    found = [(person, reverse("admin:booking_employer_ask", args=[person.pk])) for person in people]
    context = {**admin.site.each_context(request), "title": TITLE, "asked": asked, "carried": [], "found": found}
    return TemplateResponse(request, "admin/booking/employer_find.html", context)


@needs("accounts.change_person")
def contact(request: HttpRequest) -> HttpResponse:
    """Write down a contact whom staff have just compared with the ministry's system, with or without a mailbox."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email, by = form.cleaned_data.pop("email"), staff_of(request)
        try:
            person = enter_contact(Statement(**form.cleaned_data), email=email, by=by, now=clock.now())
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("%(name)sさんを、確認済みの人事担当者として登録しました。") % {"name": person})
            return redirect("admin:booking_employer_ask", person.pk)
    lead = _("事業所・部署・氏名・電話番号を、ハローワークシステムと照合してから登録してください。")
    page = {"title": _("人事担当者を登録"), "submit": _("確認済みとして登録する"), "lead": lead, "crumb": (TITLE, reverse(_FIND))}
    return action_page(request, admin.site, form=form, back=reverse(_FIND), **page)


@needs("booking.add_booking")
def ask(request: HttpRequest, person_id: int) -> HttpResponse:
    """What this contact asks for."""
    person, now = get_object_or_404(Person, pk=person_id, role=Role.EMPLOYER_CONTACT), clock.now()
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        messages.error(request, _("利用規約が公表されていないため、依頼を入力できません。"))
        return redirect(LIST)
    form = _form(request, version, now=now)
    if form.is_valid():
        try:
            asked = employers.ask(person, form.wish(now=now), now=now, wall=clock.wall(), by=staff_of(request))
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("依頼を入力しました（%(number)s）。") % {"number": asked.number})
            return redirect("admin:booking_employer_request", asked.pk)
    return _page(request, form, person, version, now=now)


def _form(request: HttpRequest, version: TermsVersion, *, now: datetime) -> ToldForm:
    fresh = {"shown": _note(version, now=now), "key": uuid4()}
    data = request.POST if request.method == "POST" else None
    return ToldForm(data, situation=wished_situation(now=now), initial=fresh)


def _page(request: HttpRequest, form: ToldForm, person: Person, version: TermsVersion, *, now: datetime) -> HttpResponse:
    """The form; what was ticked for another version than the one in force is asked anew (C13-0)."""
    read = form.cleaned_data.get("shown") if form.is_bound else None
    if form.is_bound and (read is None or read.version_id != version.pk):
        form.ask_again(_note(version, now=now))
    establishment = person.establishment or _("未確認（申込み：%(name)s）") % {"name": person.stated_establishment}
    page: dict[str, Any] = {
        "title": TITLE,
        "submit": _("依頼を入力する"),
        "lead": _("利用規約（%(version)s）を口頭でご案内してから入力してください。") % {"version": version},
        "facts": [(_("氏名"), str(person)), (_("事業所"), str(establishment))],
        "person": person,
        "crumb": (TITLE, reverse(_FIND)),
    }
    return action_page(request, admin.site, form=form, back=reverse(LIST), **page)


def _note(version: TermsVersion, *, now: datetime) -> str:
    return signed(Shown(version.pk, str(GUIDED), now))


ADDRESSES: Addresses = (
    ("employers/enter/", find, "booking_employer_find"),
    ("employers/enter/contact/", contact, "booking_employer_contact"),
    ("employers/enter/<int:person_id>/", ask, "booking_employer_ask"),
)
