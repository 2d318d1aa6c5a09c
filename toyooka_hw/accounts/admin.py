"""Staff accounts, and the people served: looked at, and verified by an operation."""

import re
from typing import Any, cast

import jaconv
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from toyooka_hw import clock
from toyooka_hw.accounts.fields import PhoneField
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import verify_person
from toyooka_hw.site import NeverDeleted, ReadOnlyAdmin, action_page, return_address
from toyooka_hw.wording import ja_datetime, mask_mail, show_phone

SHORTEST_TAIL = 4


@admin.register(User)
class StaffAdmin(NeverDeleted, UserAdmin):
    """Accounts of staff. Nobody is deleted: their name stands in the history, so an account is switched off."""

    list_display = ("username", "display_name", "is_active", "last_login")
    search_fields = ("username", "display_name")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "email")}),
        (_("権限"), {"fields": ("is_active", "groups", "is_superuser")}),
        (_("記録"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "display_name", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        kept = ("last_login", "date_joined")
        return kept if request.user.is_superuser else (*kept, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser touches a superuser's account."""
        out_of_reach = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Everybody in this table is staff."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)


class VerifyForm(forms.Form):
    """The phone number as it stands in the ministry's system."""

    registered_phone = PhoneField(
        label=_("ハローワークシステムに登録されている電話番号"),
        help_text=_("氏名・求職番号・電話番号を照合してから記録してください。折り返しの電話は、この番号だけにかけます。"),
    )


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
        return show_phone(person.stated_phone) if person.stated_phone else ""

    @admin.display(description=_("確認済みの電話番号"))
    def phone_registered(self, person: Person) -> str:
        return show_phone(person.registered_phone) if person.registered_phone else ""

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
        stated = {"registered_phone": show_phone(person.phone) if person.phone else ""}
        form = VerifyForm(request.POST if request.method == "POST" else None, initial=stated)
        if form.is_valid():
            verify_person(person, registered_phone=form.cleaned_data["registered_phone"], by=staff_of(request), now=clock.now())
            messages.success(request, _("%(name)sさんの本人情報を確認済みにしました。") % {"name": person})
            return redirect(back)
        facts = [
            (_("氏名"), person.full_name),
            (_("求職番号"), person.job_seeker_number or _("なし")),
            (_("電話番号"), stated["registered_phone"]),
        ]
        page = {"title": _("本人情報の確認"), "submit": _("確認済みにする"), "facts": facts}
        return action_page(request, self.admin_site, form=form, back=back, **page)


def staff_of(request: HttpRequest) -> User:
    """The member of staff who asks; behind the admin site there is always one."""
    return cast("User", request.user)


def people_matching(people: QuerySet[Person], text: str) -> QuerySet[Person]:
    """People whose name or reading contains the words (spaces do not matter), or whose number or phone ends in the digits."""
    words = re.sub(r"\s", "", text)
    digits = re.sub(r"\D", "", jaconv.z2h(words, digit=True))
    found = Q(plain_name__icontains=words) | Q(plain_kana__icontains=jaconv.hira2kata(jaconv.h2z(words)))
    if len(digits) >= SHORTEST_TAIL:
        tail = digits.removeprefix("0")
        found |= Q(plain_number__endswith=digits) | Q(stated_phone__endswith=tail) | Q(registered_phone__endswith=tail)
    return people.annotate(
        plain_name=_without("full_name", " ", "　"),
        plain_kana=_without("name_kana", " ", "　"),
        plain_number=_without("job_seeker_number", "-"),
    ).filter(found)


def _without(field: str, *signs: str) -> Any:
    """The field's text without these signs."""
    text: Any = F(field)
    for sign in signs:
        text = Replace(text, Value(sign), Value(""))
    return text
