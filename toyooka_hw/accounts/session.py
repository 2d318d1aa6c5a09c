"""The signed-in person: our own session key with its own expiry, never Django's auth."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from toyooka_hw.accounts.models import Person

SIGNED_IN_FOR = timedelta(minutes=60)
_PERSON = "person_id"
_UNTIL = "person_until"


def sign_in(request: HttpRequest, person: Person, *, wall: datetime) -> None:
    """Sign the person in for an hour, under a new session key."""
    request.session.cycle_key()
    request.session[_PERSON] = person.pk
    request.session[_UNTIL] = (wall + SIGNED_IN_FOR).timestamp()


def client_of(request: HttpRequest) -> str:
    """The network address that asks; behind the proxy, the one that the proxy saw (see ``toyooka_hw.proxy``)."""
    seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return seen or request.META.get("REMOTE_ADDR", "")


def sign_out(request: HttpRequest) -> None:
    request.session.pop(_PERSON, None)
    request.session.pop(_UNTIL, None)
    request.session.cycle_key()


def last_person_id(request: HttpRequest) -> int | None:
    """The id of whoever was signed in here last and has not left, also when the hour is over."""
    person_id: int | None = request.session.get(_PERSON)
    return person_id


def signed_in_person_id(request: HttpRequest, *, wall: datetime) -> int | None:
    """The id of the signed-in person, or None where nobody is or the hour is over."""
    return last_person_id(request) if signed_in_until(request, wall=wall) else None


def signed_in_until(request: HttpRequest, *, wall: datetime) -> datetime | None:
    """The real moment at which the sign-in of this browser ends, or None where nobody is signed in or the hour is over."""
    until = datetime.fromtimestamp(request.session.get(_UNTIL, 0), tz=UTC)
    return until if until > wall else None
