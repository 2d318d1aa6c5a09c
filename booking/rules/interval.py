"""Half-open spans of time, the only way this program says "from … to …"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The span [start, end) of aware datetimes.

    Raises ValueError for a naive datetime or a span that does not end after it starts.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError(f"an interval needs aware datetimes: {self.start} … {self.end}")
        if self.start >= self.end:
            raise ValueError(f"an interval ends after it starts: {self.start} … {self.end}")

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two share a moment; spans that only touch do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, moment: datetime) -> bool:
        """Whether the moment lies in the span; its end does not."""
        return self.start <= moment < self.end

    def without(self, others: "Iterable[Interval]") -> "tuple[Interval, ...]":
        """What is left of this span, earliest first, when the others are cut out."""
        left, start = [], self.start
        for other in sorted(other for other in others if self.overlaps(other)):
            if start < other.start:
                left.append(Interval(start, other.start))
            start = max(start, other.end)
        return (*left, Interval(start, self.end)) if start < self.end else tuple(left)

    def covers(self, other: "Interval") -> bool:
        """Whether every moment of the other lies in this span."""
        return self.start <= other.start and other.end <= self.end
