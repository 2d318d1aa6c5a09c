"""Puts the signed-in person on the request, read only when somebody asks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from toyooka_hw import clock
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import survivor_of
from toyooka_hw.accounts.session import signed_in_person_id


def signed_in_person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.person = SimpleLazyObject(lambda: _person(request))  # type: ignore[attr-defined]  # put there by our middleware
        return get_response(request)

    return middleware


def _person(request: HttpRequest) -> Person | None:
    person_id = signed_in_person_id(request, wall=clock.wall())
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    return survivor_of(person) if person else None
