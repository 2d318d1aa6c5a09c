"""What the app must be allowed to do at Zoom, and what it is not. Pure.

Apps made before Zoom split its scopes have one classic scope in place of several.
"""

from collections.abc import Collection

# granular scope → the classic one that includes it
NEEDED = {
    "meeting:write:meeting:admin": "meeting:write:admin",
    "meeting:read:list_meetings:admin": "meeting:read:admin",
    "meeting:read:meeting:admin": "meeting:read:admin",
    "meeting:update:meeting:admin": "meeting:write:admin",
    "meeting:delete:meeting:admin": "meeting:write:admin",
    "meeting:update:status:admin": "meeting:write:admin",
    "user:read:user:admin": "user:read:admin",
}


def missing(granted: Collection[str]) -> list[str]:
    """Return the granular scopes that neither themselves nor their classic form are granted."""
    return [scope for scope, classic in NEEDED.items() if scope not in granted and classic not in granted]
