"""An employer's contact whom staff cannot confirm, or who has left: one page for both, by how the contact stands (C2-1d)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from booking.admin.forms import reason_field
from booking.admin.refusals import REFUSALS, told
from booking.operations import contacts
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.accounts.models import Person, Role
from toyooka_hw.site import action_page, needs, return_address

UNCONFIRMED: tuple[Any, Any] = (
    _("確認できないと記録"),
    _("事業所・ご担当者を確認できないことを記録し、受付の一覧から外します。日時を決めていない依頼は、すべてお断りします。"),
)
LEFT: tuple[Any, Any] = (
    _("担当を外れたことを記録"),
    _("この方は、事業所の依頼を見ることも、依頼することもできなくなります。日時を決めていない依頼は、すべてお断りします。"),
)


class EndForm(forms.Form):
    reason = reason_field(help_text=_("ご本人へのメールに、このまま書かれます。"))


@needs("accounts.change_person")
def end(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask why, then end it and everything of theirs that waits."""
    person = get_object_or_404(Person, pk=person_id, role=Role.EMPLOYER_CONTACT)
    back = return_address(request, reverse("admin:accounts_person_change", args=[person.pk]))
    title, does = LEFT if person.is_verified else UNCONFIRMED
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            contacts.end(person.pk, **form.cleaned_data, by=staff_of(request), now=clock.now(), wall=clock.wall())
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            by_phone = "" if person.email else _("メールアドレスがないため、電話でお知らせください。")
            messages.success(request, f"{person}：{title}{_('しました。')}{by_phone}")
            return redirect(back)
    page = {"lead": does, "grave": True, "person": person, "facts": [(_("氏名"), str(person))]}
    return action_page(request, admin.site, title=title, form=form, submit=title, back=back, **page)
