"""Whether an address that staff typed leads people into a meeting at Zoom, and nowhere else."""

import re
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlsplit

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_JOIN = re.compile(r"/(?:j|w|wc/join|wc)/(\d+)(?:/|$)")
_PORTS = {"https": 443, "http": 80}


class Fault(StrEnum):
    """What is wrong with the address."""

    ELSEWHERE = "elsewhere"
    HOSTS_OWN = "hosts_own"
    OTHER_MEETING = "other_meeting"


def fault_of(address: str, meeting_id: int | None, sources: Sequence[str]) -> Fault | None:
    """What is wrong with a join address; None where nothing is.

    ``sources``: where Zoom lives, in the words of a content security policy (``https://*.zoom.us``), which bars every other way anyhow.
    The address that starts a meeting makes whoever opens it its host, so it is nobody's to enter here.
    """
    parts = _split(address)
    if parts is None or not any(_fits(parts, source) for source in sources):
        return Fault.ELSEWHERE
    if parts.path.startswith("/s/") or "zak" in parse_qs(parts.query):
        return Fault.HOSTS_OWN
    found = _JOIN.match(parts.path)
    return Fault.OTHER_MEETING if found and meeting_id is not None and int(found[1]) != meeting_id else None


def _split(address: str) -> SplitResult | None:
    """The parts of an address that a browser and we read alike; None for any other."""
    if not address.isascii() or re.search(r"[^!-~]|\\", address):
        return None
    try:
        parts = urlsplit(address)
        plain = "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if plain and _HOST.fullmatch(parts.hostname or "") else None


def _fits(parts: SplitResult, source: str) -> bool:
    scheme, _separator, place = source.partition("://")
    host, _colon, port = place.partition(":")
    theirs = parts.hostname or ""
    same_host = theirs.endswith(host[1:]) if host.startswith("*.") else theirs == host
    usual = _PORTS.get(scheme)
    same_port = port == "*" or str(parts.port or usual) == (port or str(usual))
    return parts.scheme == scheme and same_host and same_port
