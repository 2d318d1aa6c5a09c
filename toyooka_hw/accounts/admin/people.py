"""The people served: looked at, and verified by an operation."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from toyooka_hw import clock
from toyooka_hw.accounts.admin.search import people_matching
from toyooka_hw.accounts.admin.staff import staff_of
from toyooka_hw.accounts.fields import PhoneField
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.site import ReadOnlyAdmin, action_page, return_address
from toyooka_hw.wording import ja_datetime, mask_mail, mask_phone


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


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """The people served. What they stated stays as it is; staff record what they compared."""

    list_display = ("full_name", "name_kana", "number", "phone", "role", "verified")
    list_filter = (("verified_at", admin.EmptyFieldListFilter), "role")
    search_fields = ("full_name",)
    search_help_text = _("氏名・ふりがな・求職番号・電話番号の末尾（4けた以上）で検索できます。")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("full_name", "name_kana", "role", "job_seeker_number", "mail", "created")}),
        (_("本人情報の確認"), {"fields": ("phone_stated", "phone_registered", "verified", "verified_by")}),
    )
    readonly_fields = ("mail", "created", "phone_stated", "phone_registered", "verified")
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

    @admin.display(description=_("メールアドレス"))
    def mail(self, person: Person) -> str:
        return mask_mail(person.email) if person.email else ""

    @admin.display(description=_("登録日時"))
    def created(self, person: Person) -> str:
        return ja_datetime(person.created_at)

    @admin.display(description=_("申込時の電話番号"))
    def phone_stated(self, person: Person) -> str:
        return mask_phone(person.stated_phone) if person.stated_phone else ""

    @admin.display(description=_("確認済みの電話番号"))
    def phone_registered(self, person: Person) -> str:
        return mask_phone(person.registered_phone) if person.registered_phone else ""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Person], search_term: str) -> tuple[QuerySet[Person], bool]:
        return (people_matching(queryset, search_term) if search_term.strip() else queryset), False

    def get_urls(self) -> list[URLPattern]:
        verify = path("<int:person_id>/verify/", self.admin_site.admin_view(self.verify), name="accounts_person_verify")
        return [verify, *super().get_urls()]

    def verify(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Record that name, number and phone were compared with the ministry's system (C2-1a)."""
        if not request.user.has_perm("accounts.change_person"):
            raise PermissionDenied
        person = get_object_or_404(Person, pk=person_id)
        back = return_address(request, reverse("admin:accounts_person_change", args=[person.pk]))
        form = VerifyForm(request.POST if request.method == "POST" else None, person=person)
        if form.is_valid():
            verify_person(person, registered_phone=form.cleaned_data["registered_phone"], by=staff_of(request), now=clock.now())
            messages.success(request, _("%(name)sさんの本人情報を確認済みにしました。") % {"name": person})
            return redirect(back)
        facts = [(_("氏名"), person.full_name), (_("求職番号"), "" if person.job_seeker_number else _("なし"))]
        page = {"title": _("本人情報の確認"), "submit": _("確認済みにする"), "facts": facts, "person": person}
        return action_page(request, self.admin_site, form=form, back=back, **page)
