"""The people served: found, read on one page, verified and switched by operations. It stands here, on bookings and consents alike."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from booking.admin.contact_end import end
from booking.admin.merging import merge_find, merge_page
from booking.admin.person_page import person_page
from booking.admin.refusals import REFUSALS, told
from booking.operations import contacts
from booking.queries import to_be_switched
from toyooka_hw import clock
from toyooka_hw.accounts.admin import people_matching, staff_of
from toyooka_hw.accounts.fields import EstablishmentNumberField, PhoneField
from toyooka_hw.accounts.models import Person, Role, User
from toyooka_hw.accounts.operations import mark_switched, verify_person
from toyooka_hw.site import ReadOnlyAdmin, action_page, needs, return_address
from toyooka_hw.wording import ja_datetime


class VerifyForm(forms.Form):
    """The phone number as it stands in the ministry's system."""

    registered_phone = PhoneField(
        label=_("ハローワークシステムに登録されている電話番号"),
        help_text=_("氏名・求職番号・電話番号を照合してから記録してください。折り返しの電話は、この番号だけにかけます。"),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_record = person.phone
        if self.on_record:
            field = self.fields["registered_phone"]
            field.required = False
            field.help_text = f"{field.help_text}{_('上の番号と同じときは、空欄のまま記録できます。')}"

    def clean_registered_phone(self) -> str:
        return str(self.cleaned_data["registered_phone"] or self.on_record)

    def verify(self, person: Person, *, by: User, now: datetime, wall: datetime) -> Person:
        """Record what this valid form says."""
        return verify_person(person, registered_phone=self.cleaned_data["registered_phone"], by=by, now=now)


class VerifyContactForm(VerifyForm):
    """An employer's contact: their establishment, too, as it stands in the ministry's system (C2-1d); what they stated is ready."""

    number = EstablishmentNumberField(label=_("事業所番号"))
    name = forms.CharField(
        label=_("事業所名"),
        max_length=100,
        error_messages={"required": _("ハローワークシステムに登録されている事業所名を入力してください。")},
    )
    field_order = ("number", "name", "registered_phone")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        same = _("上の番号と同じときは、空欄のまま記録できます。") if self.on_record else ""
        self.fields["registered_phone"].help_text = f"{_('事業所・部署・氏名・電話番号を照合してから記録してください。')}{same}"
        self.fields["number"].initial = person.establishment_number
        self.fields["name"].initial = person.establishment.name if person.establishment else person.stated_establishment

    def verify(self, person: Person, *, by: User, now: datetime, wall: datetime) -> Person:
        return contacts.verify(person, by=by, now=now, wall=wall, **self.cleaned_data)


FORMS: dict[str, type[VerifyForm]] = {Role.JOB_SEEKER: VerifyForm, Role.EMPLOYER_CONTACT: VerifyContactForm}


class SwitchFilter(admin.SimpleListFilter):
    """Online registrants whom staff have still to switch (C2-1b)."""

    title = _("利用登録者への切替")
    parameter_name = "switch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("切替が必要"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        return queryset.filter(pk__in=to_be_switched()) if self.value() == "open" else queryset


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """What people stated stays as it is; staff record what they compared. Merged rows lead to their survivor."""

    list_display = ("full_name", "name_kana", "number", "phone", "role", "verified")
    list_filter = (("verified_at", admin.EmptyFieldListFilter), SwitchFilter, "role")
    search_fields = ("full_name",)
    search_help_text = _("氏名（旧字体も可）・ふりがな・求職番号・電話番号の末尾（4けた以上）・メールアドレスで検索できます。")
    ordering = ("-created_at",)
    fields = ("full_name",)
    change_form_template = "admin/accounts/person_page.html"

    @admin.display(description=_("求職番号"))
    def number(self, person: Person) -> str:
        return person.masked_number if person.job_seeker_number else ""

    @admin.display(description=_("電話番号"))
    def phone(self, person: Person) -> str:
        return person.masked_phone if person.phone else ""

    @admin.display(description=_("本人情報の確認"), ordering="verified_at")
    def verified(self, person: Person) -> str:
        return ja_datetime(person.verified_at) if person.verified_at else str(_("未確認"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return super().get_queryset(request).select_related("verified_by", "switched_by", "merged_into", "establishment")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Person], search_term: str) -> tuple[QuerySet[Person], bool]:
        if search_term.strip():
            return people_matching(queryset, search_term), False
        return queryset.filter(merged_into=None), False

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [
            path("<int:person_id>/verify/", guard(verify), name="accounts_person_verify"),
            path("<int:person_id>/end/", guard(end), name="accounts_person_end"),
            path("<int:person_id>/switched/", guard(switched), name="accounts_person_switched"),
            path("<int:person_id>/merge/", guard(merge_find), name="accounts_person_merge_find"),
            path("<int:person_id>/merge/<int:loser_id>/", guard(merge_page), name="accounts_person_merge"),
        ]
        return [*ours, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        person = context["original"]
        context |= {"person": person, "page": person_page(request, person), "title": str(person), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)


@needs("accounts.change_person")
def verify(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record that name, number and phone were compared with the ministry's system (C2-1a)."""
    person = get_object_or_404(Person, pk=person_id)
    back = return_address(request, reverse("admin:accounts_person_change", args=[person.pk]))
    if person.merged_into_id:  # its number and phone are not those to compare
        messages.warning(request, _("この登録は統合されています。統合先の登録の内容を照合してください。"))
        return redirect(f"{reverse('admin:accounts_person_verify', args=[person.merged_into_id])}?{urlencode({'next': back})}")
    form = FORMS[person.role](request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        try:
            person = form.verify(person, by=staff_of(request), now=clock.now(), wall=clock.wall())
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("%(name)sさんの本人情報を確認済みにしました。") % {"name": person})
            return redirect(back)
    page = {"title": _("本人情報の確認"), "submit": _("確認済みにする"), "facts": _facts(person), "person": person}
    return action_page(request, admin.site, form=form, back=back, **page)


def _facts(person: Person) -> list[tuple[Any, Any]]:
    """What the person stated, to be compared."""
    if person.role == Role.JOB_SEEKER:
        return [(_("氏名"), person.full_name), (_("求職番号"), "" if person.job_seeker_number else _("なし"))]
    return [
        (_("氏名"), person.full_name),
        (_("申込みの事業所番号"), person.stated_establishment_number),
        (_("申込みの事業所名"), person.stated_establishment),
        (_("部署"), person.department),
    ]


@needs("accounts.change_person")
@require_POST
def switched(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record that an online registrant was made a 利用登録者 (C2-1b)."""
    get_object_or_404(Person, pk=person_id)
    person = mark_switched(person_id, by=staff_of(request), now=clock.now())
    words = _("%(name)sさんの利用登録者への切替を記録しました（%(by)s）。") % {"name": person, "by": person.switched_by}
    messages.success(request, words)
    return redirect(return_address(request, reverse("admin:accounts_person_change", args=[person.pk])))
