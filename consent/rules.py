"""Which version is in force, and who must agree (again). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Version:
    """What the rules need to know of a terms version."""

    id: int
    effective_at: datetime
    announced_at: datetime | None
    editorial: bool = False


def in_force(versions: Iterable[Version], *, now: datetime) -> Version | None:
    """The announced version with the latest effect that has begun (C13: it flips at its moment, nobody presses anything)."""
    begun = [version for version in versions if version.announced_at is not None and version.effective_at <= now]
    return max(begun, key=lambda version: (version.effective_at, version.id), default=None)
