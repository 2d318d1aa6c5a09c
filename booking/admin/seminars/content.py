"""Drawing up a seminar, and changing what it says: one form, saved by the operation alone (S0-1, S4-5)."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.admin.buttons import too_late
from booking.admin.refusals import REFUSALS, told
from booking.admin.seminars.actions import ACTIONS
from booking.admin.seminars.content_form import ContentForm
from booking.admin.seminars.facts import crumb_of, facts_of, page_of
from booking.models import Seminar
from booking.operations.press import Press
from booking.operations.seminars import giving
from booking.operations.seminars.giving import Over, RecordingNotAgreed, SeatsDecisionMissing
from booking.operations.seminars.steps import EditedMeanwhile, SeminarChanged, changed, last_line
from toyooka_hw import clock
from toyooka_hw.accounts.admin import staff_of
from toyooka_hw.site import Addresses, action_page, needs


@needs("booking.add_seminar")
def draw_up(request: HttpRequest) -> HttpResponse:
    """A new seminar: a draft that nobody sees yet."""
    now = clock.now()
    form = ContentForm(request.POST if request.method == "POST" else None, now=now)
    if form.is_valid():
        seminar = giving.create(form.instance, Press(staff_of(request), now, clock.wall()))
        messages.success(
            request, _("下書きを登録しました（%(number)s）。内容を確かめて、「公開する」を押してください。") % {"number": seminar.number}
        )
        return redirect(page_of(seminar))
    back = reverse("admin:booking_seminar_changelist")
    lead = _(
        "まず下書きとして登録します。公開するまで、職員のほかには見えません。録画する催しは、登録のあとで講師・出演者を加え、全員の録画への同意を記録してから、「内容を変更」で「録画する」を付けてください。"
    )
    page = {"title": _("セミナー・企業見学会を登録"), "submit": _("下書きを登録する"), "lead": lead}
    return action_page(request, admin.site, form=form, back=back, crumb=(_("セミナー・企業見学会"), back), **page)


@needs("booking.change_seminar")
def edit(request: HttpRequest, seminar_id: int) -> HttpResponse:
    """Another content; what was typed stays in the form whatever stands in the way."""
    seminar, now = get_object_or_404(Seminar.objects.select_related("counsellor", "host"), pk=seminar_id), clock.now()
    button, back = ACTIONS["change"], page_of(seminar)
    if not button.stands(seminar, now=now):
        return too_late(request, seminar, changed(seminar), back)
    known = {"facts": facts_of(seminar), "crumb": crumb_of(seminar), "lead": button.lead(seminar)}
    form = ContentForm(request.POST if request.method == "POST" else None, instance=seminar, now=now, last=last_line(seminar_id))
    if form.is_valid():
        try:
            _save(form, Press(staff_of(request), now, clock.wall(), form.cleaned_data["seen"]))
        except EditedMeanwhile as refusal:
            form.look_again(told(refusal), last_line(seminar_id))
        except SeatsDecisionMissing as refusal:
            form.ask_about_seats(told(refusal))
        except RecordingNotAgreed as refusal:
            form.add_error("will_record", told(refusal))
        except SeminarChanged as refusal:
            return too_late(request, seminar, refusal, back)
        except REFUSALS as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, f"{seminar.number}：{button.done}")
            return redirect(back)
    return action_page(request, admin.site, title=button.label, submit=_("変更を保存する"), form=form, back=back, **known)


def _save(form: ContentForm, press: Press) -> None:
    over = form.cleaned_data.get("over")
    giving.change(form.instance, press, over=Over(over) if over else None)


ADDRESSES: Addresses = (("<int:seminar_id>/edit/", edit, "booking_seminar_edit"),)
