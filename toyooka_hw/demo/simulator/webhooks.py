"""What the simulated Zoom tells others: signed messages about its rooms, with Zoom's delivery rules in small.

An answer of 200 or 204 within three seconds ends it. Else the message is sent three times more, after 5, 20 and 60 minutes, each time
signed anew, and then dropped. Messages do not wait for each other, so their order is not promised; what waits is forgotten at the end.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Thread
from typing import Any

import requests

from toyooka_hw import clock
from toyooka_hw.demo.simulator.messages import milliseconds
from toyooka_hw.demo.simulator.state import State

ANSWER_SECONDS = 3
GOOD = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)


@dataclass
class Delivery:
    """One message: what it says, and how its deliveries were answered (0: not at all, or too late)."""

    content: dict[str, Any]
    answers: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """Where messages go, how they are signed, and the seconds to wait before each further try. Without an address nothing is sent."""

    url: str
    secret: str = field(repr=False)
    pauses: tuple[float, ...]


def target_of(state: State) -> Target:
    switches = state.switches
    return Target(switches.webhook_url, switches.webhook_secret, tuple(switches.webhook_pauses))


class Messenger:
    """Sends beside the requests that cause it. ``deliveries`` keeps what was sent."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self._threads: list[Thread] = []
        self._ended = Event()

    def send(self, target: Target, content: dict[str, Any]) -> None:
        """Have this message sent, if there is anybody to send it to."""
        if not target.url:
            return
        delivery = Delivery(content)
        self.deliveries.append(delivery)
        thread = Thread(target=self._deliver, args=(target, delivery), name="webhook", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def close(self) -> None:
        """Forget what waits."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _deliver(self, target: Target, delivery: Delivery) -> None:
        for pause in (0, *target.pauses):
            if self._ended.wait(pause):
                return
            status, _answer = post(target, delivery.content)
            delivery.answers.append(status)
            if status in GOOD:
                return


def challenge(target: Target) -> bool:
    """Ask the address to prove that it knows the secret, as Zoom does when it is entered and every 72 hours."""
    token = secrets.token_urlsafe(16)
    content = {"event": "endpoint.url_validation", "event_ts": milliseconds(clock.wall()), "payload": {"plainToken": token}}
    status, answer = post(target, content)
    expected = {"plainToken": token, "encryptedToken": _mac(target.secret, token.encode())}
    return status == HTTPStatus.OK and answer == expected


def post(target: Target, content: dict[str, Any]) -> tuple[int, Any]:
    """Sign and send once; return status and JSON of the answer, 0 where none came in time."""
    body, stamp = json.dumps(content, ensure_ascii=False).encode(), str(int(clock.wall().timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "x-zm-request-timestamp": stamp,
        "x-zm-signature": "v0=" + _mac(target.secret, b"v0:" + stamp.encode() + b":" + body),
    }
    try:
        response = requests.post(target.url, data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False)
        return response.status_code, response.json() if response.content else None
    except (requests.RequestException, ValueError):
        return 0, None


def _mac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
