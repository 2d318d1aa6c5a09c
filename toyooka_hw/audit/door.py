"""Where in the portal something is done: the page that was pressed, or the command that ran."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_door: ContextVar[str] = ContextVar("door", default="")


def door() -> str:
    """The page or command of this moment; empty where nobody said."""
    return _door.get()


@contextmanager
def through(name: str) -> Iterator[None]:
    """Everything within is done through this door."""
    token = _door.set(name)
    try:
        yield
    finally:
        _door.reset(token)


def pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the door of a request is its path; addresses in the admin hold keys, never names or numbers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with through(request.path):
            return get_response(request)

    return middleware
