"""The booking's page behind its personal link: state in words, withdrawal, the answer to proposals, the notice of who cannot phone."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.forms import NONE_FITS, ContactForm
from booking.models import ContactRecord
from booking.models.bookings import State
from booking.operations import bookings, sessions
from booking.operations.bookings import ConfirmLimitPassed, NotProposed
from booking.operations.clashes import TakesPartElsewhere
from booking.operations.transitions import StateChanged
from booking.views.door import WAITING, Visit, answer_form, page, pressed, visit


@visit
def booking(request: HttpRequest, here: Visit) -> HttpResponse:
    """State and time in words; neither name nor phone nor number."""
    return page(request, here)


@visit
def withdraw(request: HttpRequest, here: Visit) -> HttpResponse:
    """Ask once more, then take the unconfirmed request back; that is no キャンセル."""
    if here.booking.state not in WAITING:
        return _moved_on(request, here)
    if request.method != "POST":
        return render(request, "booking/withdraw.html", {"booking": here.booking, "back": reverse("booking", args=[here.token])})
    try:
        bookings.withdraw(here.booking.pk, now=here.now, wall=here.wall)
    except StateChanged:
        return _moved_on(request, here)
    messages.success(request, _("お申込みを取り下げました。"))
    return redirect("booking", here.token)


@visit
@pressed
def answer(request: HttpRequest, here: Visit) -> HttpResponse:
    """Take one of the proposed times, or say that none fits."""
    if here.booking.state != State.PROPOSED:
        return _moved_on(request, here)
    form = answer_form(here, request.POST)
    if not form.is_valid():
        return page(request, here, form=form)
    try:
        messages.success(request, _answered(here, form.cleaned_data["choice"]))
    except (NotProposed, ConfirmLimitPassed, TakesPartElsewhere):
        messages.error(request, _("この日時は選べなくなりました。ほかの日時を選ぶか、お電話でご相談ください。"))
    except StateChanged:
        return _moved_on(request, here)
    return redirect("booking", here.token)


@visit
def contact(request: HttpRequest, here: Visit) -> HttpResponse:
    """The short notice of people who cannot phone: it counts as 連絡 and is a task for staff (C6-1-4a, A6)."""
    if here.booking.state != State.CONFIRMED or here.now >= here.booking.ends_at:
        return _moved_on(request, here)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"booking": here.booking, "token": here.token, "form": form, "form_errors": form.errors}
        return render(request, "booking/contact.html", context)
    try:
        sessions.record_contact(here.booking.pk, channel=ContactRecord.Channel.ONLINE, now=here.now, wall=here.wall, **form.cleaned_data)
    except StateChanged:  # closed a moment ago: nobody would read the notice
        return _moved_on(request, here)
    messages.success(request, _("ご連絡を受け付けました。ハローワークで確認します。"))
    return redirect("booking", here.token)


def _answered(here: Visit, choice: str) -> str:
    """Pass the answer on; what to tell the person then."""
    if choice == NONE_FITS:
        bookings.refuse(here.booking.pk, now=here.now)
        return _("ご都合が合わないことを承りました。あらためて日程を調整します。")
    bookings.accept(here.booking.pk, datetime.fromisoformat(choice), now=here.now, wall=here.wall)
    return _("お返事ありがとうございます。予約が確定しました。")


def _moved_on(request: HttpRequest, here: Visit) -> HttpResponse:
    """The booking stands elsewhere than this step expects: show where."""
    messages.warning(request, _("ご予約の状態が変わっています。最新の内容をご確認ください。"))
    return redirect("booking", here.token)
