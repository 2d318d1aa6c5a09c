"""The access token of Zoom's Server-to-Server OAuth: one for all processes, kept at hand by each.

Zoom gives no refresh token; one simply asks again. Asking too often has locked other projects out, hence the shared place and the lock.
"""

import time
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from threading import Lock

import requests
from requests.auth import HTTPBasicAuth

from booking.video import answers
from booking.video.port import Commons, NotAuthorised, Token, TryLater, ZoomConfig

RENEW_BEFORE_SECONDS = 300
_USUAL_LIFE_SECONDS = 3600


@dataclass(frozen=True)
class _AtHand:
    token: Token
    until: float  # monotonic seconds of this process: the host's clock may jump

    @property
    def fresh(self) -> bool:
        return time.monotonic() < self.until


class AccessTokens:
    """Hands out the token of one app and renews it five minutes before its end, or when told that it was refused."""

    def __init__(self, config: ZoomConfig) -> None:
        self._config = config
        self._lock = Lock()
        self._at_hand: _AtHand | None = None

    def current(self, commons: Commons, refused: str | None = None) -> Token:
        """Return a token that is good for now, and another than ``refused``. Raises NotAuthorised or TryLater."""
        with self._lock:
            at_hand = self._at_hand
            if at_hand is None or not at_hand.fresh or at_hand.token.value == refused:
                at_hand = self._at_hand = self._take(commons, refused)
            return at_hand.token

    def renewed(self, commons: Commons) -> Token:
        """Ask for a new one, whatever is at hand: only that one has the scopes of today. Raises NotAuthorised or TryLater."""
        with self._lock:
            self._at_hand = self._ask_and_share(commons)
            return self._at_hand.token

    def _take(self, commons: Commons, refused: str | None) -> _AtHand:
        """What another process has asked for in the meantime, or a new one."""
        with commons.renewing():
            kept = commons.kept_token()
            return _at_hand(kept) if kept and kept.value != refused else self._ask_and_share(commons)

    def _ask_and_share(self, commons: Commons) -> _AtHand:
        asked_at = time.monotonic()
        token = self._ask()
        commons.keep_token(token)
        return _AtHand(token, asked_at + token.seconds)

    def _ask(self) -> Token:
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
        return Token(content["access_token"], frozenset(str(content.get("scope") or "").split()), seconds - RENEW_BEFORE_SECONDS)

    def _request(self) -> requests.Response:
        config = self._config
        return requests.post(
            config.token_url,
            data={"grant_type": "account_credentials", "account_id": config.account_id},
            # bytes: requests would encode text as Latin-1 and fail on anything else
            auth=HTTPBasicAuth(config.client_id.encode(), config.client_secret.encode()),
            timeout=config.timeout_seconds,
        )


def _at_hand(token: Token) -> _AtHand:
    return _AtHand(token, time.monotonic() + token.seconds)


@cache
def shared_tokens(config: ZoomConfig) -> AccessTokens:
    """Return this process's tokens of the app."""
    return AccessTokens(config)
