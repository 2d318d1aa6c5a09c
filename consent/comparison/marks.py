"""Which characters changed. Japanese has no spaces: characters are compared (numbers and Latin words whole), small gaps are closed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby
from typing import NamedTuple

from consent.comparison.pairing import pair_lines

SMALLEST_GAP = 3  # fewer unchanged characters between two changes would only make the marks flicker

WORD = re.compile(r"\d+|[A-Za-z]+|.", re.DOTALL)  # 30 becomes 40, not 3 becomes 4
SENTENCE_END, CLOSING, OPENING = "。", "、）」)", "（「("

Flags = list[bool]  # one per character: changed?


class _Span(NamedTuple):
    """What differs, as half-open places in both lines (in characters or in words)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int

    def shifted(self, by: int) -> "_Span":
        return _Span(*(place + by for place in self))


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters that are all changed or all unchanged."""

    text: str
    changed: bool


def runs_of(text: str, flags: Iterable[bool]) -> tuple[Run, ...]:
    """Text with a flag per character, as the fewest runs."""
    groups = groupby(zip(text, flags, strict=True), key=lambda pair: pair[1])
    return tuple(Run("".join(character for character, _ in group), changed) for changed, group in groups)


def flags_of(runs: Iterable[Run]) -> Flags:
    """A flag per character of the runs."""
    return [run.changed for run in runs for _ in run.text]


def marked(runs: Iterable[Run]) -> str:
    """The wording with ``[[`` and ``]]`` around what is marked, for a form where staff move the marks."""
    return "".join(f"[[{run.text}]]" if run.changed else run.text for run in runs)


def unmarked(text: str) -> tuple[Run, ...]:
    """The runs that ``marked`` wrote; a form's line ends (CR LF) count as one. A mark left open stays in the wording."""
    parts = re.split(r"\[\[(.*?)\]\]", text.replace("\r\n", "\n"), flags=re.DOTALL)
    return tuple(Run(part, place % 2 == 1) for place, part in enumerate(parts) if part)


def changed_characters(old: str, new: str) -> tuple[Flags, Flags]:
    """What differs between two lines: a flag per character of each."""
    old_flags, new_flags = [False] * len(old), [False] * len(new)
    for span in _joined(_spans(old, new)):
        old_flags[span.old_start : span.old_end] = [True] * (span.old_end - span.old_start)
        new_flags[span.new_start : span.new_end] = [True] * (span.new_end - span.new_start)
    return old_flags, new_flags


def _spans(old: str, new: str) -> list[_Span]:
    """What differs, in characters."""
    old_words, new_words = WORD.findall(old), WORD.findall(new)
    old_ends, new_ends = (list(accumulate(map(len, words), initial=0)) for words in (old_words, new_words))
    settled = _settled(old_words, new_words)
    return [_Span(old_ends[a], old_ends[b], new_ends[c], new_ends[d]) for a, b, c, d in settled]


def _settled(old: list[str], new: list[str]) -> list[_Span]:
    """What differs; an insertion or removal that could as well begin some characters off begins at a sentence where it can."""
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    spans = [_Span(*bounds) for step, *bounds in steps if step != "equal"]
    for place, span in enumerate(spans):
        before = spans[place - 1] if place else _Span(0, 0, 0, 0)
        after = spans[place + 1] if place + 1 < len(spans) else _Span(len(old), len(old), len(new), len(new))
        if span.old_start == span.old_end:
            spans[place] = span.shifted(_best_shift(new, span.new_start, span.new_end, before.new_end, after.new_start))
        elif span.new_start == span.new_end:
            spans[place] = span.shifted(_best_shift(old, span.old_start, span.old_end, before.old_end, after.old_start))
    return spans


def _best_shift(text: list[str], start: int, end: int, low: int, high: int) -> int:
    """How far the span may slide inside ``low`` to ``high`` with the rest reading the same, to begin where one would begin."""
    shifts = [0]
    while start + shifts[-1] > low and text[start + shifts[-1] - 1] == text[end + shifts[-1] - 1]:
        shifts.append(shifts[-1] - 1)
    right = 0
    while end + right < high and text[start + right] == text[end + right]:
        right += 1
        shifts.append(right)
    return max(shifts, key=lambda shift: _fitness(text[start + shift - 1] if start + shift else SENTENCE_END))


def _fitness(previous: str) -> int:
    """How well a change may begin behind this character."""
    if previous == SENTENCE_END:
        return 2
    return (previous in CLOSING) - (previous in OPENING)


def _joined(spans: Iterable[_Span]) -> list[_Span]:
    joined: list[_Span] = []
    for span in spans:
        near = joined and span.new_start - joined[-1].new_end < SMALLEST_GAP
        first = joined.pop() if near else span
        joined.append(_Span(first.old_start, span.old_end, first.new_start, span.new_end))
    return joined


def changed_lines(old: Sequence[str], new: Sequence[str]) -> tuple[list[Flags], list[Flags]]:
    """What differs between two articles' lines; a line that continues none is changed as a whole."""
    old_flags, new_flags = [[True] * len(line) for line in old], [[True] * len(line) for line in new]
    for there, here in pair_lines(old, new).items():
        old_flags[here], new_flags[there] = changed_characters(old[here], new[there])
    return old_flags, new_flags
