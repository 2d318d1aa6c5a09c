"""Restrictions of the online channel: decided and ended by people, each on a page of its own; the letter to be printed (C6-1-4c)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toyooka_hw import clock
from toyooka_hw.accounts.admin.staff import staff_of
from toyooka_hw.accounts.models import Person, UsageRestriction
from toyooka_hw.accounts.operations import (
    LiftedAlready,
    RestrictedAlready,
    RestrictionReasonMissing,
    Sanction,
    WrongPeriod,
    lift,
    restrict,
)
from toyooka_hw.accounts.operations.restrictions import ENDS, REVIEW, STARTS, mail_key
from toyooka_hw.accounts.queries import restrictions_to_review
from toyooka_hw.context import office_facts
from toyooka_hw.mail.models import OutgoingMail
from toyooka_hw.site import ReadOnlyAdmin, action_page, needs, return_address
from toyooka_hw.wording import TOKYO, ja_date, ja_datetime

USUAL = timedelta(days=90)
USUAL_REVIEW = timedelta(days=60)
STATES = {
    "coming": gettext_lazy("これから"),
    "holds": gettext_lazy("制限中"),
    "review": gettext_lazy("制限中（見直す日が来ています）"),
    "lifted": gettext_lazy("解除済み"),
    "over": gettext_lazy("期間終了"),
}
TONES = {"coming": "blue", "holds": "yellow", "review": "red", "lifted": "gray", "over": "gray"}


def _day(label: Any) -> forms.DateField:
    invalid = {"required": gettext_lazy("日付を入力してください。"), "invalid": gettext_lazy("日付を確認してください。")}
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), error_messages=invalid)


class RestrictForm(forms.Form):
    """What was decided, and what the person is told."""

    reason = forms.CharField(
        label=gettext_lazy("理由（記録用。本人には送りません）"),
        max_length=400,
        error_messages={"required": gettext_lazy("理由を入力してください。")},
    )
    starts_on = _day(gettext_lazy("開始日"))
    ends_on = _day(gettext_lazy("終了日（この日まで）"))
    review_on = _day(gettext_lazy("見直す日"))
    letter = forms.CharField(
        label=gettext_lazy("お知らせの文面"),
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": gettext_lazy("お知らせの文面を入力してください。")},
        help_text=gettext_lazy("【開始日】【終了日】【見直す日】には、上で入力した日付が入ります。"),
    )


class LiftForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("解除の理由"), max_length=400, error_messages={"required": gettext_lazy("理由を入力してください。")}
    )


class StateFilter(admin.SimpleListFilter):
    """What holds today, and what is to be looked at again."""

    title = gettext_lazy("状態")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("review", gettext_lazy("見直す日が来ているもの")), ("holds", gettext_lazy("制限中"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UsageRestriction]) -> QuerySet[UsageRestriction]:
        today = clock.now().astimezone(TOKYO).date()
        if self.value() == "review":
            return restrictions_to_review(queryset, on=today)
        if self.value() == "holds":
            return queryset.filter(lifted_at=None, starts_on__lte=today, ends_on__gte=today)
        return queryset


@admin.register(UsageRestriction)
class UsageRestrictionAdmin(ReadOnlyAdmin):
    list_display = ("name", "period", "review", "state", "decided_by")
    list_filter = (StateFilter,)
    list_select_related = ("person", "decided_by")
    fields = ("name", "period", "review", "state", "reason", "decided", "letter", "lifted", "lift_reason", "told")
    readonly_fields = ("name", "period", "review", "state", "decided", "lifted", "told")
    change_form_template = "admin/accounts/restriction_page.html"

    @admin.display(description=gettext_lazy("利用者"), ordering="person__full_name")
    def name(self, restriction: UsageRestriction) -> str:
        return str(restriction.person)

    @admin.display(description=gettext_lazy("期間"), ordering="starts_on")
    def period(self, restriction: UsageRestriction) -> str:
        return str(restriction)

    @admin.display(description=gettext_lazy("見直す日"), ordering="review_on")
    def review(self, restriction: UsageRestriction) -> str:
        return ja_date(restriction.review_on)

    @admin.display(description=gettext_lazy("状態"))
    def state(self, restriction: UsageRestriction) -> SafeString:
        name = state_of(restriction)
        return format_html('<span class="chip chip--{}">{}</span>', TONES[name], STATES[name])

    @admin.display(description=gettext_lazy("決定"))
    def decided(self, restriction: UsageRestriction) -> str:
        return f"{ja_datetime(restriction.decided_at)} {restriction.decided_by}"

    @admin.display(description=gettext_lazy("解除"))
    def lifted(self, restriction: UsageRestriction) -> str:
        return f"{ja_datetime(restriction.lifted_at)} {restriction.lifted_by}" if restriction.lifted_at else ""

    @admin.display(description=gettext_lazy("お知らせ"))
    def told(self, restriction: UsageRestriction) -> str:
        mail = OutgoingMail.objects.filter(key=mail_key(restriction)).first()
        if mail and mail.bounced_at:
            return _("メールが届きませんでした。印刷してお渡しください。")
        return _("メール：%(state)s") % {"state": mail.get_outbox_state_display()} if mail else _("印刷してお渡しください。")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [
            path("new/<int:person_id>/", guard(restrict_page), name="accounts_restrict"),
            path("<int:restriction_id>/lift/", guard(lift_page), name="accounts_restriction_lift"),
            path("<int:restriction_id>/letter/", guard(letter_page), name="accounts_restriction_letter"),
        ]
        return [*ours, *super().get_urls()]


def state_of(restriction: UsageRestriction) -> str:
    """Where the restriction stands today: one of ``STATES``."""
    today = clock.now().astimezone(TOKYO).date()
    if restriction.lifted_at:
        return "lifted"
    if today > restriction.ends_on:
        return "over"
    if today < restriction.starts_on:
        return "coming"
    return "review" if today >= restriction.review_on else "holds"


@needs("accounts.add_usagerestriction")
def restrict_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """Record a decision about this person. The form begins with usual days; the decision is a person's."""
    person = get_object_or_404(Person.objects.filter(merged_into=None), pk=person_id)
    now = clock.now()
    back = return_address(request, reverse("admin:accounts_person_change", args=[person.pk]))
    form = RestrictForm(request.POST if request.method == "POST" else None, initial=_usual(person, now.astimezone(TOKYO).date()))
    if form.is_valid():
        try:
            made = restrict(person.pk, Sanction(**form.cleaned_data), by=staff_of(request), now=now, wall=clock.wall())
        except (RestrictionReasonMissing, WrongPeriod, RestrictedAlready) as refusal:
            form.add_error(None, _refused(refusal))
        else:
            told = _("お知らせをメールで送ります。") if person.email else _("お知らせの文面を印刷して、お渡しください。")
            messages.success(request, _("%(name)sさんの利用の制限を記録しました。") % {"name": person} + told)
            return redirect("admin:accounts_usagerestriction_change", made.pk)
    lead = _("オンラインでのお申込みだけを、期間を決めてお断りします。窓口・電話の相談と、すでに確定した予約は、そのままです。")
    facts = [(_("利用者"), str(person)), (_("連絡先"), _("メール") if person.email else _("メールアドレスなし（文面を印刷します）"))]
    page = {"title": _("利用の制限"), "lead": lead, "facts": facts, "submit": _("制限を記録する"), "grave": True, "crumb": (person, back)}
    return action_page(request, admin.site, form=form, back=back, **page)


@needs("accounts.change_usagerestriction")
def lift_page(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """End a restriction before its time."""
    restriction = get_object_or_404(UsageRestriction.objects.select_related("person", "lifted_by"), pk=restriction_id)
    back = return_address(request, reverse("admin:accounts_usagerestriction_change", args=[restriction.pk]))
    form = LiftForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            lift(restriction.pk, by=staff_of(request), now=clock.now(), reason=form.cleaned_data["reason"])
        except LiftedAlready as refusal:
            messages.error(request, _refused(refusal))
        else:
            messages.success(request, _("%(name)sさんの利用の制限を解除しました。") % {"name": restriction.person})
        return redirect(back)
    facts = [(_("利用者"), str(restriction.person)), (_("期間"), str(restriction)), (_("理由"), restriction.reason)]
    return action_page(request, admin.site, title=_("利用の制限を解除"), form=form, submit=_("解除する"), back=back, facts=facts)


@needs("accounts.view_usagerestriction")
def letter_page(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """The letter alone, to be printed."""
    restriction = get_object_or_404(UsageRestriction.objects.select_related("person"), pk=restriction_id)
    context = {**admin.site.each_context(request), "title": _("お知らせの文面"), "restriction": restriction}
    return TemplateResponse(request, "admin/accounts/restriction_letter.html", context)


def _usual(person: Person, today: Any) -> dict[str, Any]:
    marks = {"starts": STARTS, "ends": ENDS, "review": REVIEW}
    draft = render_to_string("admin/accounts/restriction_draft.txt", {"person": person, "office": office_facts(), **marks})
    return {"starts_on": today, "ends_on": today + USUAL, "review_on": today + USUAL_REVIEW, "letter": draft.strip()}


def _refused(refusal: Exception) -> str:
    """The refusal in words."""
    if isinstance(refusal, RestrictedAlready):
        return _("この期間には、すでに利用の制限（%(period)s、決定：%(by)s）があります。先にそちらを解除してください。") % {
            "period": refusal.restriction,
            "by": refusal.restriction.decided_by,
        }
    if isinstance(refusal, LiftedAlready):
        return _("すでに%(by)sさんが解除しています。") % {"by": refusal.restriction.lifted_by}
    if isinstance(refusal, WrongPeriod):
        return _("開始日は本日以後、見直す日は開始日から終了日までの間にしてください。")
    return _("理由を入力してください。")
