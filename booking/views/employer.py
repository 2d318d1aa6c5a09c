"""The pages of an employer's contact: who they are, and how what they asked for stands (C2-1d, A10)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking.models import EmployerRequest
from booking.models.bookings import State
from booking.operations import employers
from booking.operations.transitions import StateChanged
from booking.queries import given_by, is_own, policy_at, requests_seen_by
from booking.rules.employers import Stage, stage_of
from booking.views.employer_forms import StatementForm
from booking.views.opened import begun
from booking.views.steps import contact_of
from consent.queries import COUNSELLING, must_agree_before_use
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import AlreadyVerified, PhoneOnRecord, state_contact

SHOWN = 50
STAGES = {
    Stage.WAITING: ("blue", gettext_lazy("調整中")),
    Stage.PARTLY: ("yellow", gettext_lazy("一部の日時が確定")),
    Stage.ARRANGED: ("green", gettext_lazy("日時確定")),
    Stage.OVER: ("gray", gettext_lazy("終了")),
}

ContactView = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Row:
    """A request as a contact sees it. ``is_own``: it is theirs, and not a colleague's."""

    request: EmployerRequest
    stage: tuple[str, Any]
    is_own: bool


def by_contact(view: ContactView) -> ContactView:
    """A page for contacts who have said where they work; whoever is not signed in begins at the door. Never cached."""

    @never_cache
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        contact = contact_of(request)
        if contact is None:
            return redirect("employer")
        if contact.has_left:
            return redirect("employer")
        return view(request, contact, *args, **kwargs) if contact.establishment_number else redirect("employer_contact")

    return wrapper


@never_cache
def employer(request: HttpRequest) -> HttpResponse:
    """What the contact and, once verified, their colleagues asked for; for others what can be asked for, and the way in."""
    now, contact = clock.now(), contact_of(request)
    policy = policy_at(now)
    if contact is None:
        return render(request, "booking/employer_door.html", {"policy": policy})
    if contact.has_left:
        return render(request, "booking/employer_left.html", {"contact": contact})
    if not contact.establishment_number:
        return redirect("employer_contact")
    rows = [_row(each, contact) for each in requests_seen_by(contact)[:SHOWN]]
    arranged = any(row.stage is not STAGES[Stage.OVER] for row in rows if row.is_own)
    context = {
        "contact": contact,
        "rows": rows,
        "given": given_by(contact.pk)[:SHOWN],
        "policy": policy,
        "begun": begun(request, contact),
        "must_agree": arranged and must_agree_before_use(contact.pk, COUNSELLING, now=now),
    }
    return render(request, "booking/employer.html", context)


@never_cache
def contact(request: HttpRequest) -> HttpResponse:
    """Who the contact is, said at the first use; until staff have verified it, it can be corrected."""
    person = contact_of(request)
    if person is None or person.is_verified or person.has_left:
        return redirect("employer")
    form = StatementForm(request.POST if request.method == "POST" else None, contact=person)
    if form.is_valid() and _stated(request, person, form):
        return redirect("employer")
    context = {"contact": person, "form": form, "form_errors": form.errors}
    return render(request, "booking/employer_contact.html", context)


@by_contact
def one(request: HttpRequest, contact: Person, number: str) -> HttpResponse:
    """One request with its sessions; another establishment's is not found."""
    seen = requests_seen_by(contact).prefetch_related("sessions__participants__person")
    row = _row(get_object_or_404(seen, number=number), contact)
    waiting = _waits(row.request)
    sessions = sorted(row.request.sessions.all(), key=lambda booking: (booking.state == State.REQUESTED, booking.starts_at, booking.pk))
    context = {"row": row, "sessions": sessions, "waiting": waiting and sessions[-1], "office_is_late": _is_late(row.request)}
    return render(request, "booking/employer_request.html", context)


@by_contact
def withdraw(request: HttpRequest, contact: Person, number: str) -> HttpResponse:
    """Ask once more, then take back what is not arranged yet; only whoever asked."""
    asked = get_object_or_404(requests_seen_by(contact), number=number)
    if not (is_own(asked, contact) and _waits(asked)):
        return _moved_on(request, number)
    if request.method != "POST":
        return render(request, "booking/employer_withdraw.html", {"asked": asked})
    try:
        employers.withdraw_request(asked.pk, now=clock.now(), wall=clock.wall())
    except StateChanged:
        return _moved_on(request, number)
    messages.success(request, _("ご依頼を取り下げました。"))
    return redirect("employer_request", number)


def _stated(request: HttpRequest, person: Person, form: StatementForm) -> bool:
    """Whether what the form says is kept now, or needs not be said any more."""
    try:
        state_contact(person, form.statement())
    except PhoneOnRecord:
        form.add_error(
            None, _("登録の電話番号と異なる番号では、受け付けられません。電話番号の変更は、お電話または窓口でお手続きください。")
        )
        return False
    except AlreadyVerified:
        messages.warning(request, _("ご登録の内容は、ハローワークで確認済みです。変更は、お電話または窓口でお手続きください。"))
    else:
        messages.success(request, _("ご登録の内容を受け付けました。"))
    return True


def _row(asked: EmployerRequest, contact: Person) -> Row:
    stage = stage_of([booking.rule_state for booking in asked.sessions.all()])
    return Row(asked, STAGES[stage], is_own(asked, contact))


def _waits(asked: EmployerRequest) -> bool:
    return any(booking.state == State.REQUESTED for booking in asked.sessions.all())


def _is_late(asked: EmployerRequest) -> bool:
    now = clock.now()
    return any(booking.state == State.REQUESTED and now >= booking.answer_by for booking in asked.sessions.all())


def _moved_on(request: HttpRequest, number: str) -> HttpResponse:
    messages.warning(request, _("このご依頼は、取り下げられない状態です。日時が決まったものの取りやめは、お電話でご連絡ください。"))
    return redirect("employer_request", number)
