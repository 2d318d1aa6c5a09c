"""Who may call: the app with its tokens, and what they allow."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Request

from toyooka_hw.demo.simulator.errors import ZoomError, no_client, refused
from toyooka_hw.demo.simulator.state import State, Token

SCOPES = {
    "create": "meeting:write:meeting:admin",
    "list": "meeting:read:list_meetings:admin",
    "get": "meeting:read:meeting:admin",
    "update": "meeting:update:meeting:admin",
    "delete": "meeting:delete:meeting:admin",
    "end": "meeting:update:status:admin",
    "user": "user:read:user:admin",
}


def check_token(state: State, authorization: str, operation: str, now: datetime) -> None:
    """Return if this header allows the operation. Raises ZoomError with code 124 or 4711."""
    token = state.tokens.get(authorization.removeprefix("Bearer "))
    if token is None:
        raise refused(401, 124, "Invalid access token.")
    if token.until <= now.isoformat():
        raise refused(401, 124, "Access token is expired.")
    if SCOPES[operation] not in token.scopes:
        raise refused(400, 4711, f"Invalid access token, does not contain scopes:[{SCOPES[operation]}].")


def check_client(state: State, request: Request) -> None:
    """Return if a client, a secret and an account are named: any will do, while the app is active. Raises ZoomError."""
    client = request.authorization
    if not state.switches.app_active or client is None or client.type != "basic" or not client.username or not client.password:
        raise no_client()
    if request.values.get("grant_type") != "account_credentials":
        raise ZoomError(400, {"reason": "unsupported grant type", "error": "unsupported_grant_type"})
    if not request.values.get("account_id"):
        raise ZoomError(400, {"reason": "Bad request", "error": "invalid_request"})


def issue(state: State, now: datetime) -> dict[str, Any]:
    """Give a token. Earlier ones hold on until they run out."""
    value, life = secrets.token_urlsafe(32), state.switches.token_seconds
    scopes = [scope for scope in SCOPES.values() if scope not in state.switches.missing_scopes]
    state.tokens = {old: each for old, each in state.tokens.items() if each.until > now.isoformat()}
    state.tokens[value] = Token((now + timedelta(seconds=life)).isoformat(), scopes)
    return {"access_token": value, "token_type": "bearer", "expires_in": life, "scope": " ".join(scopes)}
