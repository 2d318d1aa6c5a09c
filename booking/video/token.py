"""The access token of Zoom's Server-to-Server OAuth: one per process, shared by all threads.

Zoom gives no refresh token; one simply asks again. Asking too often has locked other projects out, hence the cache and the lock.
"""

import time
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from threading import Lock

import requests
from requests.auth import HTTPBasicAuth

from booking.video import answers
from booking.video.port import NotAuthorised, TryLater, ZoomConfig

RENEW_BEFORE_SECONDS = 300
_USUAL_LIFE_SECONDS = 3600


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float  # monotonic seconds

    @property
    def fresh(self) -> bool:
        return time.monotonic() < self.renew_at


class AccessTokens:
    """Hands out the token of one app and renews it five minutes before its end, or when told that it was refused."""

    def __init__(self, config: ZoomConfig) -> None:
        self._config = config
        self._lock = Lock()
        self._token: _Token | None = None

    def current(self, refused: str | None = None) -> str:
        """Return a token that is good for now, and another than ``refused``. Raises NotAuthorised or TryLater."""
        with self._lock:
            if self._token is None or not self._token.fresh or self._token.value == refused:
                self._token = self._ask()
            return self._token.value

    def _ask(self) -> _Token:
        asked_at = time.monotonic()
        response = answers.send(self._request)
        content = answers.body(response)
        if HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and "error" in content:
            # these bodies have no code; the words name the cause (client, account, kind of app) and hold no secret
            raise NotAuthorised(f"no token: {content['error']}, {content.get('reason')}")
        if error := answers.failure(response):
            raise error
        if not isinstance(content.get("access_token"), str):
            raise TryLater(None, unclear=False, message="the token endpoint answered without a token")
        life = content.get("expires_in")
        seconds = life if isinstance(life, int) else _USUAL_LIFE_SECONDS
        return _Token(content["access_token"], asked_at + seconds - RENEW_BEFORE_SECONDS)

    def _request(self) -> requests.Response:
        config = self._config
        return requests.post(
            config.token_url,
            data={"grant_type": "account_credentials", "account_id": config.account_id},
            # bytes: requests would encode text as Latin-1 and fail on anything else
            auth=HTTPBasicAuth(config.client_id.encode(), config.client_secret.encode()),
            timeout=config.timeout_seconds,
        )


@cache
def shared_tokens(config: ZoomConfig) -> AccessTokens:
    """Return this process's tokens of the app."""
    return AccessTokens(config)
