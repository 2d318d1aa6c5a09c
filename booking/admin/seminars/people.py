"""Who speaks at a seminar and may be recorded, and which employer's contact gives it with the office (S4-5, C2-1d)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.finding import found_people
from booking.admin.refusals import REFUSALS, told
from booking.admin.seminars.facts import crumb_of, facts_of, page_of
from booking.models import Seminar, SeminarPartner, SeminarSpeaker
from booking.operations.seminars import people
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.site import Addresses, action_page, needs

ADD_PARTNER = gettext_lazy("共催の事業所を加える")


class SpeakerForm(forms.Form):
    """Somebody who speaks, as they are announced."""

    name = forms.CharField(
        label=gettext_lazy("氏名"), max_length=100, error_messages={"required": gettext_lazy("氏名を入力してください。")}
    )
    affiliation = forms.CharField(label=gettext_lazy("所属（任意）"), max_length=100, required=False)


@dataclass(frozen=True, slots=True)
class Step:
    """A button beside one of these people."""

    label: Any
    does: Any
    act: Callable[..., object]
    grave: bool = False


SPEAKER_STEPS = {
    "consent": Step(
        gettext_lazy("録画への同意を記録"),
        gettext_lazy(
            "ハローワークが録画し、再利用することがあること（利用規約第4条第5項）をお伝えし、同意を得てから記録してください。記録した職員と日時が残ります。"
        ),
        people.record_recording_consent,
    ),
    "remove": Step(
        gettext_lazy("講師・出演者から外す"), gettext_lazy("この方を、講師・出演者から外します。"), people.remove_speaker, grave=True
    ),
}
PARTNER_STEPS = {
    "remove": Step(
        gettext_lazy("共催から外す"),
        gettext_lazy("この方は、求人者のページから入室できなくなります。お知らせのメールは送りません。"),
        people.remove_partner,
        grave=True,
    )
}


@needs("booking.change_seminar")
def add_speaker(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """Name somebody who speaks."""
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor"), pk=seminar_id)
    form = SpeakerForm(request.POST if request.method == "POST" else None)

    def act(by: User, now: datetime) -> object:
        return people.add_speaker(seminar.pk, by=by, now=now, **form.cleaned_data)

    title = _("講師・出演者を加える")
    lead = _("録画するときは、加えたあとで、お一人ずつ「録画への同意を記録」を押してください。")
    return _done(request, seminar, form, act, title=title, lead=lead)


@needs("booking.change_seminar")
def speaker_step(request: HttpRequest, speaker_id: int, name: str) -> HttpResponse:
    """録画への同意を記録, or 講師・出演者から外す."""
    return _step(request, SeminarSpeaker.objects.all(), speaker_id, SPEAKER_STEPS.get(name))


@needs("booking.change_seminar")
def find_partner(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """Find the employer's contact by name or phone."""
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor"), pk=seminar_id)
    asked, contacts = found_people(
        request, Person.objects.filter(role=Role.EMPLOYER_CONTACT, merged_into=None).select_related("establishment")
    )
    page = {
        "title": ADD_PARTNER,
        "lead": _("共催の事業所の人事担当者を選んでください。本人情報を確認済みの方だけが、共催になれます。"),
        "choose": _("この方を選ぶ"),
        "facts": facts_of(seminar),
        "asked": asked,
        "found": [(person, reverse("admin:booking_seminar_partner_add", args=[seminar.pk, person.pk])) for person in contacts],
        "back": page_of(seminar),
        "crumb": crumb_of(seminar),
    }
    return TemplateResponse(request, "admin/booking/find_page.html", {**admin.site.each_context(request), **page})


@needs("booking.change_seminar")
def add_partner(request: HttpRequest, seminar_id: int, person_id: int) -> HttpResponse:
    """They give it with the office: of a company tour, the company."""
    seminar = get_object_or_404(Seminar.objects.select_related("counsellor"), pk=seminar_id)
    contact = get_object_or_404(Person.objects.select_related("establishment"), pk=person_id, role=Role.EMPLOYER_CONTACT)

    def act(by: User, now: datetime) -> object:
        return people.add_partner(seminar.pk, contact, by=by, now=now, wall=clock.wall())

    form = forms.Form(request.POST if request.method == "POST" else None)
    lead = _(
        "求人者のページから入室できるようになります。公開中の催しでは、ご案内のメールが届きます。参加される方のお名前・連絡先は、事業所には表示されません。"
    )
    who = [(_("事業所"), str(contact.establishment or _("未確認"))), (_("人事担当者"), str(contact))]
    return _done(request, seminar, form, act, title=ADD_PARTNER, lead=lead, facts=[*who, *facts_of(seminar)])


@needs("booking.change_seminar")
def partner_step(request: HttpRequest, partner_id: int, name: str) -> HttpResponse:
    """共催から外す."""
    return _step(request, SeminarPartner.objects.select_related("contact"), partner_id, PARTNER_STEPS.get(name))


def _step(request: HttpRequest, rows: Any, pk: int, step: Step | None) -> HttpResponse:
    """The page of a button beside somebody who speaks or gives it."""
    if step is None:
        raise Http404
    row = get_object_or_404(rows.select_related("seminar__counsellor"), pk=pk)

    def act(by: User, now: datetime) -> object:
        return step.act(row.pk, by=by, now=now)

    form = forms.Form(request.POST if request.method == "POST" else None)
    known = {"facts": [(_("氏名"), str(row)), *facts_of(row.seminar)], "grave": step.grave}
    return _done(request, row.seminar, form, act, title=step.label, lead=step.does, **known)


def _done(
    request: HttpRequest, seminar: Seminar, form: forms.Form, act: Callable[[User, datetime], object], *, title: Any, **page: Any
) -> HttpResponse:
    """Show the page, or do what its button says and go back to the seminar."""
    if form.is_valid():
        try:
            act(staff_of(request), clock.now())
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, f"{seminar.number}：{title}")
            return redirect(page_of(seminar))
    page = {"facts": facts_of(seminar), "crumb": crumb_of(seminar), **page}
    return action_page(request, admin.site, title=title, submit=title, form=form, back=page_of(seminar), **page)


ADDRESSES: Addresses = (
    ("<int:seminar_id>/speakers/add/", add_speaker, "booking_seminar_speaker_add"),
    ("speakers/<int:speaker_id>/<slug:name>/", speaker_step, "booking_seminar_speaker"),
    ("<int:seminar_id>/partners/", find_partner, "booking_seminar_partner_find"),
    ("<int:seminar_id>/partners/<int:person_id>/", add_partner, "booking_seminar_partner_add"),
    ("partners/<int:partner_id>/<slug:name>/", partner_step, "booking_seminar_partner"),
)
