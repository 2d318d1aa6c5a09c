"""An employer's contact asks for interviews, a managed selection or a consultation. What was typed is never lost (A10, C0-3)."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from booking.operations import employers
from booking.operations.applications import OnlineUseRestricted
from booking.operations.employers import InterviewsNotTaken, TooManyRequests
from booking.queries import wished_situation
from booking.rules.calendar import tokyo_date
from booking.rules.slots import Reason, Situation, SlotRefused
from booking.views.employer_forms import AskForm, opened_by, opened_for
from booking.views.steps import contact_of, not_accepting, not_online
from booking.views.terms import read_again
from consent.forms import application_label, signed
from consent.models import TermsVersion
from consent.operations import ConsentMissing, Shown, TermsNotInForce
from consent.queries import COUNSELLING, consent_to, version_in_force
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.queries import restriction_of

_KEPT = "employer_ask"
REFUSED = {
    Reason.PAST: lambda: _("この時刻は過ぎています。別の日時を選んでください。"),
    Reason.CLOSED_DAY: lambda: _("この日は閉庁日になりました。別の日を選んでください。"),
    Reason.OUTSIDE_HOURS: lambda: _("この時刻は、開庁時間の外です。別の時刻を選んでください。"),
    Reason.BEYOND_HORIZON: lambda: _("この日は、まだ受け付けていません。別の日を選んでください。"),
}


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """The form, and its POST; whoever's sign-in has ended meanwhile finds what they typed after signing in again."""
    now, contact = clock.now(), contact_of(request)
    if request.method == "POST":
        _keep(request)
    if contact is None:
        return _sign_in_again(request)
    if elsewhere := _missing(request, contact, now=now):
        return elsewhere
    version, situation = version_in_force(COUNSELLING, now=now), wished_situation(now=now)
    if request.method != "POST":
        form = AskForm(initial=_kept(request, contact), contact=contact, situation=situation)
    else:
        form = AskForm(request.POST, contact=contact, situation=situation)
        if form.is_valid() and (answer := _sent(request, contact, form, now=now)):
            return answer
    return _page(request, contact, form, cast("TermsVersion", version), situation)


def has_begun(request: HttpRequest, contact: Person) -> bool:
    """Whether this contact typed something here that was not sent."""
    return bool(_kept(request, contact))


def forget(request: HttpRequest) -> None:
    """What was typed has served, or whoever uses this browser next is somebody else."""
    request.session.pop(_KEPT, None)


def _missing(request: HttpRequest, contact: Person, *, now: datetime) -> HttpResponse | None:
    """The page that has to come first, if any."""
    version = version_in_force(COUNSELLING, now=now)
    if version is None:
        return not_accepting(request)
    if not contact.establishment_number:
        return redirect("employer_contact")
    if restriction_of([contact.pk], on=tokyo_date(now)):
        return not_online(request)
    return None if consent_to(version, contact.pk) else redirect("employer_terms")


def _sent(request: HttpRequest, contact: Person, form: AskForm, *, now: datetime) -> HttpResponse | None:
    """Where the request leads; None where the form says what to change."""
    try:
        asked = employers.ask(contact, form.wish(now=now), now=now, wall=clock.wall())
    except SlotRefused as refusal:
        _tell(form, refusal)
    except InterviewsNotTaken:
        form.add_error("purpose", form.fields["purpose"].error_messages["invalid_choice"])
    except TooManyRequests:
        form.add_error(None, _("お返事をお待ちいただいているご依頼が5件あります。お返事のあとに、あらためてご依頼ください。"))
    except OnlineUseRestricted:
        return not_online(request)
    except (TermsNotInForce, ConsentMissing):
        return read_again(request, "employer_terms")
    else:
        forget(request)
        messages.success(request, _("ご依頼を受け付けました。受付のメールをお送りします。"))
        return redirect("employer_request", asked.number)
    return None


def _tell(form: AskForm, refusal: SlotRefused) -> None:
    """The refusal beside the wish it is about."""
    number = next(number for number, start in form.starts().items() if start == refusal.start)
    field = "time" if refusal.reasons[0] in (Reason.PAST, Reason.OUTSIDE_HOURS) else "day"
    form.add_error(f"{field}_{number}", REFUSED[refusal.reasons[0]]())


def _page(request: HttpRequest, contact: Person, form: AskForm, version: TermsVersion, situation: Situation) -> HttpResponse:
    label = application_label()
    context = {
        "contact": contact,
        "form": form,
        "form_errors": form.errors,
        "policy": situation.policy,
        "label": label,
        "shown": signed(Shown(version.pk, label, situation.now)),
        "key": _key(request, contact),
        "consent": consent_to(version, contact.pk),
        "version": version,
    }
    return render(request, "booking/employer_ask.html", context)


def _key(request: HttpRequest, contact: Person) -> str:
    """The key of the form that came back, so that it stays one request; a fresh one where it is not this contact's."""
    sent = request.POST.get("key", "")
    return sent if opened_by(sent)[0] == contact.pk else opened_for(contact)


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        messages.warning(
            request, _("時間がたったため、もう一度メールアドレスを確認します。入力された内容は、確認のあと、続きからお使いいただけます。")
        )
    return redirect("sign_in", "employer")


def _keep(request: HttpRequest) -> None:
    """Keep what was typed, right or wrong, for the contact who opened the form."""
    owner, _key = opened_by(request.POST.get("key", ""))
    if owner is not None:
        request.session[_KEPT] = {"of": owner, "answers": AskForm.typed(request.POST)}


def _kept(request: HttpRequest, contact: Person) -> dict[str, str]:
    kept = request.session.get(_KEPT, {"of": None})
    return cast("dict[str, str]", kept["answers"]) if kept["of"] == contact.pk else {}
