"""Where Zoom tells the portal what happens in its meetings."""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from booking.operations.meetings import notices
from toyooka_hw import clock

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
REFUSALS = {
    notices.Forged: HTTPStatus.UNAUTHORIZED,
    notices.Stale: HTTPStatus.FORBIDDEN,
    notices.Unreadable: HTTPStatus.BAD_REQUEST,
}


@csrf_exempt  # Zoom's signature takes the place of a form's token
@require_POST
def zoom(request: HttpRequest) -> HttpResponse:
    """Verify, store, wake, answer: Zoom waits three seconds. What is refused is logged without its content."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TooLarge")
    timestamp, signature = (request.headers.get(f"x-zm-{name}", "") for name in ("request-timestamp", "signature"))
    try:
        answer = notices.receive(request.body, timestamp=timestamp, signature=signature, now=clock.now(), wall=clock.wall())
    except tuple(REFUSALS) as refusal:
        return _refused(REFUSALS[type(refusal)], type(refusal).__name__)
    return JsonResponse(answer) if answer else HttpResponse(status=HTTPStatus.OK)


def _refused(status: HTTPStatus, reason: str) -> HttpResponse:
    logger.warning("webhook.refused status=%s reason=%s", status.value, reason)
    return HttpResponse(status=status)
