"""What stands behind every address under a personal link, a booking's or a registration's."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Protocol, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from toyooka_hw import clock


class HasToken(Protocol):
    """One look through a personal link."""

    @property
    def token(self) -> str: ...


Row = TypeVar("Row")
Seen = TypeVar("Seen", bound=HasToken)
View = Callable[[HttpRequest, Seen], HttpResponse]


def behind_link(
    find: Callable[[str], Row | None],
    ends_at: Callable[[Row], datetime],
    over: str,
    visit: Callable[[Row, str, datetime, datetime], Seen],
) -> Callable[[View[Seen]], Callable[[HttpRequest, str], HttpResponse]]:
    """Addresses under one kind of link: unknown links find nothing, old ones say so (template ``over``). Never cached, never told to other sites.

    ``visit`` makes of row, token, now and wall what the views are handed.
    """

    def decorate(view: View[Seen]) -> Callable[[HttpRequest, str], HttpResponse]:
        @never_cache
        @wraps(view)
        def wrapper(request: HttpRequest, token: str) -> HttpResponse:
            row, now = find(token), clock.now()
            if row is None:
                return render(request, "404.html", status=404)
            if now >= ends_at(row):
                return render(request, over, status=410)
            return view(request, visit(row, token, now, clock.wall()))

        return wrapper

    return decorate


def only_pressed(page: str) -> Callable[[View[Seen]], View[Seen]]:
    """A button's address; whoever opens it without pressing is shown the link's page."""

    def decorate(view: View[Seen]) -> View[Seen]:
        @wraps(view)
        def wrapper(request: HttpRequest, here: Seen) -> HttpResponse:
            return view(request, here) if request.method == "POST" else redirect(page, here.token)

        return wrapper

    return decorate
