"""An employer's contact asks for interviews, a managed selection or a consultation (A10, C0-3)."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.operations import employers
from booking.operations.applications import OnlineUseRestricted
from booking.operations.employers import InterviewsNotTaken, TooManyRequests
from booking.queries import wished_situation
from booking.rules.slots import Reason, SlotRefused
from booking.views.employer_forms import AskForm
from booking.views.employer_steps import by_agreed_contact, form_context
from booking.views.opened import forget_kept, kept_for
from booking.views.steps import not_online
from booking.views.terms import read_again
from consent.operations import ConsentMissing, TermsNotInForce
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person

REFUSED = {
    Reason.PAST: lambda: _("この時刻は過ぎています。別の日時を選んでください。"),
    Reason.CLOSED_DAY: lambda: _("この日は閉庁日になりました。別の日を選んでください。"),
    Reason.OUTSIDE_HOURS: lambda: _("この時刻は、開庁時間の外です。別の時刻を選んでください。"),
    Reason.BEYOND_HORIZON: lambda: _("この日は、まだ受け付けていません。別の日を選んでください。"),
}


@by_agreed_contact
def ask(request: HttpRequest, contact: Person, now: datetime) -> HttpResponse:
    """The form, and its POST."""
    situation, data = wished_situation(now=now), request.POST if request.method == "POST" else None
    form = AskForm(data, initial=kept_for(request, contact), person=contact, situation=situation)
    if form.is_valid() and (answer := _sent(request, contact, form, now=now)):
        return answer
    context = {**form_context(request, contact, form, now=now), "policy": situation.policy}
    return render(request, "booking/employer_ask.html", context)


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
        forget_kept(request)
        messages.success(request, _("ご依頼を受け付けました。受付のメールをお送りします。"))
        return redirect("employer_request", asked.number)
    return None


def _tell(form: AskForm, refusal: SlotRefused) -> None:
    """The refusal beside the wish it is about."""
    number = next(number for number, start in form.starts().items() if start == refusal.start)
    field = "time" if refusal.reasons[0] in (Reason.PAST, Reason.OUTSIDE_HOURS) else "day"
    form.add_error(f"{field}_{number}", REFUSED[refusal.reasons[0]]())
