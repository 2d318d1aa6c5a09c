"""A free start of the reserved kind for a consultation with an employer's contact, where the office has opened these to them (A10)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.links import address_of
from booking.operations import employers
from booking.operations.applications import OnlineUseRestricted, OpenBookingExists
from booking.operations.employers import SelfBookingClosed
from booking.queries import free_starts, policy_at
from booking.rules.slots import Applicant, SlotRefused
from booking.views.employer_forms import BookForm
from booking.views.employer_steps import by_agreed_contact, form_context
from booking.views.opened import forget_kept, kept_for
from booking.views.steps import not_online
from booking.views.terms import read_again
from consent.operations import ConsentMissing, TermsNotInForce
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person


@by_agreed_contact
def book(request: HttpRequest, contact: Person, now: datetime) -> HttpResponse:
    """The free starts, and the choice of one; kind words where the office has not opened them, or does not know the contact yet."""
    if not (contact.is_known and policy_at(now).employers_book):
        return render(request, "booking/employer_book_closed.html", {"contact": contact})
    starts, data = free_starts(Applicant(verified=True), now=now), request.POST if request.method == "POST" else None
    form = BookForm(data, initial=kept_for(request, contact), person=contact, starts=starts)
    if form.is_valid() and (answer := _sent(request, contact, form, now=now)):
        return answer
    return render(request, "booking/employer_book.html", form_context(request, contact, form, now=now))


def _sent(request: HttpRequest, contact: Person, form: BookForm, *, now: datetime) -> HttpResponse | None:
    """Where the request leads; None where the form says what to change."""
    try:
        booking = employers.book(contact, form.application(now=now), now=now, wall=clock.wall())
    except SlotRefused:
        form.add_error("start", form.fields["start"].error_messages["invalid_choice"])
    except OpenBookingExists:
        form.add_error(None, _("お申込み中の相談があります。一度にお申し込みいただけるのは、1件です。"))
    except SelfBookingClosed:
        return redirect("employer_book")
    except OnlineUseRestricted:
        return not_online(request)
    except (TermsNotInForce, ConsentMissing):
        return read_again(request, "employer_terms")
    else:
        forget_kept(request)
        return redirect(address_of(booking))
    return None
