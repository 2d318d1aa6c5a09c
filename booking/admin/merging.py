"""Merging duplicates: find the other row, see both side by side and what would happen, and only then merge."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.finding import found_people
from booking.admin.refusals import REFUSALS, told
from booking.models import Booking, Registration
from booking.operations.merging import living_booking, living_registrations, merge
from consent.models import Consent
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import gain, label_of
from toyooka_hw.accounts.queries import duplicates_of
from toyooka_hw.site import needs
from toyooka_hw.wording import ja_datetime


class MergeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("統合する理由（どのように同じ方だと確かめたか）"),
        max_length=400,
        error_messages={"required": gettext_lazy("理由を入力してください。")},
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two rows as the comparison shows it."""

    person: Person
    bookings: int
    consents: int
    living: Booking | None
    registrations: list[Registration]


@needs("accounts.merge_person")
def merge_find(request: HttpRequest, person_id: int) -> HttpResponse:
    """The other row of this person: likely ones first, or searched for."""
    person = get_object_or_404(Person.objects.filter(merged_into=None), pk=person_id)
    asked, found = found_people(request, Person.objects.filter(role=person.role).exclude(pk=person.pk))
    context = {
        **admin.site.each_context(request),
        "title": _("統合する登録を選ぶ"),
        "person": person,
        "asked": asked,
        "found": found,
        "duplicates": duplicates_of([person]).get(person.pk, []),
    }
    return TemplateResponse(request, "admin/accounts/person_merge_find.html", context)


@needs("accounts.merge_person")
def merge_page(request: HttpRequest, person_id: int, loser_id: int) -> HttpResponse:
    """``person_id`` stays, ``loser_id`` leads to it from now on. GET shows what would happen and changes nothing."""
    survivor, loser = get_object_or_404(Person, pk=person_id), get_object_or_404(Person, pk=loser_id)
    form = MergeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            merge(loser.pk, survivor.pk, by=staff_of(request), now=clock.now(), reason=form.cleaned_data["reason"])
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("利用者 %(pk)sの登録を、%(name)sさんの登録に統合しました。") % {"pk": loser.pk, "name": survivor})
            return redirect("admin:accounts_person_change", survivor.pk)
    sides = [_side(survivor), _side(loser)]
    context = {
        **admin.site.each_context(request),
        "title": _("登録の統合"),
        "survivor": survivor,
        "loser": loser,
        "sides": sides,
        "rows": _rows(sides),
        "consequences": _consequences(sides),
        "form": form,
        "other_way": reverse("admin:accounts_person_merge", args=[loser.pk, survivor.pk]),
    }
    return TemplateResponse(request, "admin/accounts/person_merge.html", context)


def _side(person: Person) -> Side:
    bookings, consents = Booking.objects.filter(applicant=person), Consent.objects.filter(person=person)
    return Side(person, bookings.count(), consents.count(), living_booking(person.pk), list(living_registrations(person.pk)))


def _rows(sides: list[Side]) -> list[tuple[Any, list[Any]]]:
    """What differs between the two, masked."""
    people = [side.person for side in sides]
    return [
        (_("利用者の番号"), [person.pk for person in people]),
        (_("氏名"), [person.full_name for person in people]),
        (_("ふりがな"), [person.name_kana for person in people]),
        (_("本人情報の確認"), [ja_datetime(person.verified_at) if person.verified_at else _("未確認") for person in people]),
        (_("登録日時"), [ja_datetime(person.created_at) for person in people]),
        (_("予約"), [_("%(count)d件") % {"count": side.bookings} for side in sides]),
        (_("進行中の予約"), [side.living.number if side.living else _("なし") for side in sides]),
        (_("催しの申込み"), [_("、").join(_registered(row) for row in side.registrations) or _("なし") for side in sides]),
        (_("同意の記録"), [_("%(count)d件") % {"count": side.consents} for side in sides]),
    ]


def _consequences(sides: list[Side]) -> list[str]:
    """What the merge would do, in sentences."""
    kept, gone = sides[0].person, sides[1].person
    gained = gain(gone, kept)
    names = "・".join(label_of(name) for name in gained.values)
    told = [
        _("統合される登録の予約%(bookings)d件・同意の記録%(consents)d件は、そのまま残り、%(name)sさんのものとして数えます。")
        % {"bookings": sides[1].bookings, "consents": sides[1].consents, "name": kept},
        *_places(sides),
        names and _("残す登録で空いている項目（%(names)s）を引き継ぎます。") % {"names": names},
        _("本人情報の確認と、確認済みの電話番号を引き継ぎます。") if gained.verification else "",
        _mailbox(gone, gained.mailbox),
        _("統合は、元に戻せません。"),
    ]
    return [sentence for sentence in told if sentence]


def _places(sides: list[Side]) -> list[str]:
    """What becomes of places in seminars; two in the same one stand in the way."""
    kept, gone = sides
    taken = {row.seminar_id for row in kept.registrations}
    moving = [_registered(row) for row in gone.registrations if row.seminar_id not in taken]
    twice = [_registered(row) for row in gone.registrations if row.seminar_id in taken]
    return [
        _("統合される登録の催しの申込み（%(named)s）は、受付番号も席もそのままで、これからのお知らせは残す登録の連絡先に送ります。")
        % {"named": _("、").join(moving)}
        if moving
        else "",
        _("どちらの登録にも、同じ催しの申込みがあります（%(named)s）。先に、どちらかを取り消してください。取り消すまで、統合できません。")
        % {"named": _("、").join(twice)}
        if twice
        else "",
    ]


def _registered(row: Registration) -> str:
    return f"{row.number} {row.seminar.title} {row.get_seat_display()}"


def _mailbox(gone: Person, moves: bool) -> str:
    if moves:
        return _("メールアドレスを引き継ぎます。今後のお知らせは、このアドレスに送ります。")
    if gone.email and gone.email_proven_at:
        return _("統合される登録のメールアドレスでも、残す登録の方として利用できます。お知らせは残す登録のアドレスだけに送ります。")
    return _("統合される登録のメールアドレスは、本人の確認がないため、使えなくなります。") if gone.email else ""
