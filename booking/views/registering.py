"""Registering for a seminar: the mailbox is proven at the door, the rest is one page (S1-1, S3-7, S4-3)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking.links import address_of
from booking.models import Seminar
from booking.operations.registrations import PhoneDiffers
from booking.operations.seminars import seats
from booking.operations.seminars.seats import AlreadyRegistered, RegistrationClosed, RegistrationRestricted, RemovedBefore
from booking.queries import open_registration_of
from booking.rules.calendar import tokyo_date
from booking.rules.seminars import Closed
from booking.views.opened import forget_kept, keep, kept_for, key_for, sign_in_again
from booking.views.seminar_forms import RegisterForm
from booking.views.seminars import card_of, found
from booking.views.signing_in import seminar_door
from booking.views.steps import not_accepting, not_online, person_of, signed_in
from consent.forms import agreement_label, signed
from consent.models import TermsVersion
from consent.operations import Shown, TermsNotInForce
from consent.queries import SEMINAR, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.queries import restriction_of

CLOSED = {
    Closed.NOT_YET: gettext_lazy("お申込みの受付は、まだ始まっていません。受付が始まってから、お申し込みください。"),
    Closed.OVER: gettext_lazy("お申込みの受付は終了しました。お申込みは完了していません。くわしくは、お電話でお尋ねください。"),
    Closed.FULL: gettext_lazy(
        "満席で、キャンセル待ちの受付も終わりました。お申込みは完了していません。空きが出ると、またお申し込みいただけます。"
    ),
    Closed.NOT_OPEN: gettext_lazy("この催しのお申込みは、ただいま受け付けていません。お申込みは完了していません。"),
}


@never_cache
def register(request: HttpRequest, number: str) -> HttpResponse:
    """The form, and its POST. What was typed is kept first: whoever's sign-in has ended meanwhile finds it after signing in again."""
    if request.method == "POST":
        keep(request)
    now, seminar = clock.now(), found(number)
    version = version_in_force(SEMINAR, now=now)
    if version is None:
        return not_accepting(request)
    person = person_of(request)
    if person is None:
        return _without_job_seeker(request, seminar)
    if barred := _barred(request, person, seminar, now=now):
        return barred
    kept = {name: text for name, text in kept_for(request, person).items() if name not in RegisterForm.ticks}
    data = request.POST if request.method == "POST" else None
    form = RegisterForm(data, initial={"full_name": person.full_name, **kept}, person=person, version=version)
    answer = _sent(request, person, seminar, form, now=now) if form.is_valid() else None
    return answer or _page(request, person, seminar, version, form, now=now)


def _without_job_seeker(request: HttpRequest, seminar: Seminar) -> HttpResponse:
    """To the door; an employer's contact, who is somebody else to the portal, is told so."""
    door = seminar_door(seminar.number)
    if signed_in(request):
        return render(request, "seminars/for_job_seekers.html", {"seminar": seminar, "door": door})
    return sign_in_again(request, door)


def _barred(request: HttpRequest, person: Person, seminar: Seminar, *, now: datetime) -> HttpResponse | None:
    """Why nobody needs to fill the form in; a press is judged by the operation."""
    if request.method == "POST":
        return None
    if standing := open_registration_of(person.pk, seminar.pk):
        return redirect(address_of(standing))
    if restriction_of([person.pk], on=tokyo_date(now)):
        return not_online(request)
    return redirect("seminar", seminar.number) if card_of(seminar, now=now).closed else None


def _sent(request: HttpRequest, person: Person, seminar: Seminar, form: RegisterForm, *, now: datetime) -> HttpResponse | None:
    """Where the press leads; None where the form says what to do."""
    try:
        row = seats.register(person, seminar.pk, form.sheet(now=now), now=now, wall=clock.wall())
    except RegistrationClosed as refusal:
        messages.warning(request, CLOSED[refusal.why])
        return redirect("seminar", seminar.number)
    except AlreadyRegistered as refusal:
        messages.info(request, _("この催しには、すでにお申込みいただいています。"))
        return redirect(address_of(refusal.registration))
    except RegistrationRestricted:
        return not_online(request)
    except RemovedBefore:
        form.add_error(None, _("この催しには、お申込みいただけません。ご不明な点は、お電話でお尋ねください。"))
    except PhoneDiffers:
        form.add_error(None, _("登録の電話番号と異なる番号では、お申込みいただけません。電話番号の変更は、窓口でお手続きください。"))
    except TermsNotInForce:
        form.add_error(
            None, _("利用規約が新しくなりました。お手数ですが、新しい利用規約をご確認のうえ、もう一度チェックを入れてください。")
        )
    else:
        forget_kept(request)
        messages.success(request, _("お申込みを受け付けました。確認のメールをお送りします。"))
        return redirect(address_of(row))
    return None


def _page(
    request: HttpRequest, person: Person, seminar: Seminar, version: TermsVersion, form: RegisterForm, *, now: datetime
) -> HttpResponse:
    """The form; what was ticked for another version than the one in force is asked anew (C13-0, S9-0)."""
    shown = signed(Shown(version.pk, agreement_label(version), now))
    read = form.cleaned_data.get("shown") if form.is_bound else None
    if form.is_bound and (read is None or read.version_id != version.pk):
        form.ask_again(shown)
    context: dict[str, Any] = {
        "seminar": seminar,
        "card": card_of(seminar, now=now),
        "person": person,
        "version": version,
        "form": form,
        "form_errors": form.errors,
        "shown": shown,
        "key": key_for(request, person),
    }
    return render(request, "seminars/register.html", context)
