"""``/metrics``: for the monitoring that knows the token, and for nobody else."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from booking.queries.figures import figures
from toyooka_hw import clock
from toyooka_hw.metrics import CONTENT_TYPE, exposition


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures. Raises Http404 without the token, and for everybody where none is set: there is nothing to be seen here."""
    if not settings.METRICS_TOKEN or not constant_time_compare(
        request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
    ):
        raise Http404
    page = exposition(figures(now=clock.now(), wall=clock.wall()))
    return HttpResponse(page, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
