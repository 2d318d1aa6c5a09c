"""Messages as Zoom would send them: written, signed, posted."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from booking.video import webhooks
from tests.visitor import at_time

SECRET = "test-webhook-secret"  # as in tests/servers.py
NUMBER = 98765432101  # as in tests/cast.py
HOST_ID = "x1yCzABCDEfg23HiJKl4mN"
RUN = "4444AAAiAAAAAiAiAiiAii=="
GUEST = {"user_id": "16778240", "user_name": "豊岡 花子", "participant_uuid": "55AA", "email": "hanako@example.jp"}
HOST = {"id": HOST_ID, "user_id": "16778241", "user_name": "佐藤", "participant_uuid": "66BB", "email": "sato@zoom.example.jp"}


def message(event: str, at: datetime, *, number: object = NUMBER, person: dict[str, str] | None = None, uuid: str = RUN) -> dict[str, Any]:
    """What happened at this moment (real time) in this meeting."""
    meeting: dict[str, Any] = {"id": number, "uuid": uuid, "host_id": HOST_ID, "topic": "オンライン職業相談"}
    if person:
        meeting["participant"] = person
    return {"event": event, "event_ts": int(at.timestamp() * 1000), "payload": {"account_id": "AAAAAABBBB", "object": meeting}}


def post(content: dict[str, Any] | bytes, at: datetime, *, secret: str = SECRET, signed_at: datetime | None = None) -> HttpResponse:
    """Send it to the portal at this moment, as Zoom does: no cookie, no token of a form."""
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    stamp = str(int((signed_at or at).timestamp()))
    headers = {"x-zm-request-timestamp": stamp, "x-zm-signature": webhooks.signature(secret, stamp, body)}
    with at_time(at):
        return Client(enforce_csrf_checks=True).post("/zoom/webhook", body, content_type="application/json", headers=headers)
