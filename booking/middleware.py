"""A GET never writes: public GETs run in a READ ONLY transaction, around the view only."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

STAFF_AREA = "/admin/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ReadOnlyGet:
    """The database refuses any write of a public GET's view; a mail scanner that follows links can change nothing.

    Never session-wide: the thread's connection is as it was when the next request begins.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.method not in SAFE_METHODS or request.path.startswith(STAFF_AREA) or getattr(view, "touches_no_database", False):
            return None
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            return view(request, *args, **kwargs)
