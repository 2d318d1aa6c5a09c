"""The way into a session: from ten minutes before the start to its end, by POST, after the last four digits or the e-mail code."""

from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.forms import CodeForm, LastDigitsForm
from booking.operations import sessions
from booking.operations.sessions import HeldByPhone, JoinOver, MeetingNotReady, TermsNotAgreed, TooEarly
from booking.queries import policy_at
from booking.views.door import Visit, VisitView, digits_match, is_known, page, pressed, visit
from booking.views.mailbox import proves
from toyooka_hw.accounts.operations import TooManyCodes, send_code
from toyooka_hw.accounts.session import client_of, sign_in


class NotProven(Exception):
    """The digits are missing or wrong; ``form`` says so."""

    def __init__(self, form: LastDigitsForm) -> None:
        super().__init__("the digits do not match")
        self.form = form


def _at_the_door(view: VisitView) -> VisitView:
    """Whatever bars the way is told on the booking's page, in words and with what to do next."""

    @wraps(view)
    def wrapper(request: HttpRequest, here: Visit) -> HttpResponse:
        try:
            sessions.check_join_window(here.booking, policy_at(here.now), now=here.now)
            return view(request, here)
        except NotProven as refusal:
            return page(request, here, form=refusal.form)
        except TooEarly:
            messages.info(request, _("まだ入室できません。開始時刻が近づいてから、もう一度お試しください。"))
        except JoinOver:
            messages.warning(request, _("この相談には、現在は入室できません。"))
        except HeldByPhone:
            messages.info(request, _("この相談は、お電話で行います。Zoomには入室できません。ハローワークからのお電話をお待ちください。"))
        except TermsNotAgreed:
            messages.warning(request, _("入室の前に、新しい利用規約をご確認ください。"))
            return redirect("booking_terms", here.token)
        except MeetingNotReady:
            messages.warning(
                request,
                _(
                    "相談の準備に時間がかかっています。入室のお手続きは記録しました。1分ほどたってからもう一度お試しいただくか、お電話ください。"
                ),
            )
        return redirect("booking", here.token)

    return wrapper


@visit
@pressed
@_at_the_door
def join(request: HttpRequest, here: Visit) -> HttpResponse:
    """Stamp the presence and go to the meeting."""
    _prove(request, here)
    return HttpResponseRedirect(sessions.join(here.booking.pk, here.booking.applicant_id, now=here.now), status=303)


@visit
@pressed
@_at_the_door
def codes(request: HttpRequest, here: Visit) -> HttpResponse:
    """Show meeting id and passcode, for those who type them into Zoom (A15). Presence is stamped all the same."""
    _prove(request, here)
    sessions.join(here.booking.pk, here.booking.applicant_id, now=here.now)
    meeting = here.booking.meeting
    assert meeting.meeting_id is not None  # or join would have refused
    context = {"booking": here.booking, "token": here.token, "meeting_id": meeting.grouped_id, "passcode": meeting.passcode}
    return render(request, "booking/codes.html", context)


@visit
@pressed
@_at_the_door
def code_mail(request: HttpRequest, here: Visit) -> HttpResponse:
    """Send the e-mail code, the other way of proof: digits exhausted, or the number not at hand."""
    address = here.booking.applicant.email
    if not address or here.booking.applicant.awaits_owner:  # a code in a mistyped mailbox would let a stranger in
        messages.warning(request, _("メールでの確認は、ご利用いただけません。お手数ですが、お電話ください。"))
        return redirect("booking", here.token)
    try:
        send_code(address, client=client_of(request), now=here.now, wall=here.wall)
    except TooManyCodes:
        messages.error(request, _("番号をお送りできる回数を超えました。お手数ですが、お電話ください。"))
        return redirect("booking", here.token)
    return page(request, here, code_form=CodeForm())


@visit
@pressed
@_at_the_door
def code_check(request: HttpRequest, here: Visit) -> HttpResponse:
    """Take the e-mail code: this browser is signed in from now on, and no digits are asked."""
    form = CodeForm(request.POST)
    if here.booking.applicant.awaits_owner:
        return redirect("booking", here.token)
    if not (form.is_valid() and proves(form, here.booking.applicant.email, wall=here.wall)):
        return page(request, here, code_form=form)
    sign_in(request, here.booking.applicant, wall=here.wall)
    messages.success(request, _("確認できました。続けて入室してください。"))
    return redirect("booking", here.token)


def _prove(request: HttpRequest, here: Visit) -> None:
    """The last four digits, unless the person is signed in in this browser. Raises NotProven."""
    if is_known(request, here.booking):
        return
    form = LastDigitsForm(request.POST)
    if not (form.is_valid() and digits_match(form, here.booking)):
        raise NotProven(form)
