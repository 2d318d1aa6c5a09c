"""What stands below a marker: paragraphs, items, sub-items. A marker counts where it is due, not because a line begins with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consent.importer.documents import Item, Paragraph
from consent.importer.numerals import CIRCLED, IROHA, KANA, KANJI_SIGNS, kanji
from consent.importer.reading import BREAK, SPACE, Source

# 第12条(3)に規定する…: the item of another article, even where a line begins with it
_CITING = re.compile(rf"(?:[\d{KANJI_SIGNS}前同本各次][条項号]|条の[\d{KANJI_SIGNS}]+)$")
# ２ 回目, ２ つ: counted, not numbered
_COUNTED = re.compile(r"[条項号回つ]")
# 10:00～1|2:00: a list may end without a full stop, but never inside a number
_CUT_NUMBER = re.compile(r"[\d:~〜]$")
_BULLETS = "・･●■◆◇"
_PARAGRAPH, _ITEM, _SUB_ITEM = "paragraph", "item", "sub-item"
# Markers that are words elsewhere: only a space behind them tells. ア is asked first: イ goes on where ア stands, and begins イロハ where not.
_SPACED = ("一", "ア", "イ")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A marker inside an article: of which kind and number, where it begins and ends, how deep it stands."""

    kind: str
    number: int
    at: int
    end: int
    depth: int


def paragraphs(source: Source, begin: int, end: int) -> tuple[Paragraph, ...]:
    """The body between two places."""
    return _nested(source, list(_marks(source, begin, end)), end) if begin < end else ()


def _marks(source: Source, begin: int, end: int) -> Iterator[_Mark]:
    """The markers of a body in order; the first paragraph is there even without one."""
    first = _paragraph_mark(source, begin, 1) or _Mark(_PARAGRAPH, 1, begin, begin, 0)
    yield first
    path, at = [first], first.end
    while at < end:
        if mark := _mark(source, at, path):
            path[mark.depth :] = [mark]
            yield mark
        at = mark.end if mark else source.next_start(at)


def _mark(source: Source, at: int, path: Sequence[_Mark]) -> _Mark | None:
    if at != path[-1].end:
        if source.goes_on(at):
            return None
        closed = source.ends_sentence(at) or (len(path) > 1 and not _CUT_NUMBER.search(source.before(at)))
        if closed and (paragraph := _paragraph_mark(source, at, path[0].number + 1)):
            return paragraph
    return _numbered_mark(source, at, path) or _spaced_mark(source, at, path) or _bullet_mark(source, at, path)


def _paragraph_mark(source: Source, at: int, number: int) -> _Mark | None:
    end = at + len(str(number))
    cut_number = source.gap(end) == BREAK and source.plain[end : end + 1].isdigit()
    if source.gap(end) == "" or cut_number or _COUNTED.match(source.plain, end) or not source.plain.startswith(str(number), at):
        return None
    return _Mark(_PARAGRAPH, number, at, end, 0)


def _numbered_mark(source: Source, at: int, path: Sequence[_Mark]) -> _Mark | None:
    for kind in (_ITEM, _SUB_ITEM):
        number, depth = _due(kind, path)
        written = f"({number})" if kind == _ITEM else CIRCLED[number - 1 : number]
        end = at + len(written)
        cited = source.is_cited(end) or (at != path[-1].end and _CITING.search(source.before(at)))
        if written and source.plain.startswith(written, at) and not cited:
            return _Mark(kind, number, at, end, depth)
    return None


def _spaced_mark(source: Source, at: int, path: Sequence[_Mark]) -> _Mark | None:
    for kind in _SPACED:
        number, depth = _due(kind, path)
        written = _spaced(kind, number)
        end = at + len(written)
        if written and source.plain.startswith(written, at) and source.gap(end) == SPACE:
            return _Mark(kind, number, at, end, depth)
    return None


def _spaced(kind: str, number: int) -> str:
    return kanji(number) if kind == "一" else (KANA if kind == "ア" else IROHA)[number - 1 : number]


def _bullet_mark(source: Source, at: int, path: Sequence[_Mark]) -> _Mark | None:
    """A bullet has no number to expect, and ・ also joins words: behind it stands a space, or before it the end of a sentence."""
    sign = source.plain[at]
    fresh = at == path[-1].end or source.ends_sentence(at)
    if sign not in _BULLETS or not (fresh or source.gap(at + 1) == SPACE):
        return None
    number, depth = _due(sign, path)
    return _Mark(sign, number, at, at + 1, depth)


def _due(kind: str, path: Sequence[_Mark]) -> tuple[int, int]:
    """The number that is due for a kind of marker, and its depth: beside its like, else below what stands last."""
    return next(((mark.number + 1, mark.depth) for mark in path if mark.kind == kind), (1, len(path)))


def _nested(source: Source, marks: Sequence[_Mark], end: int) -> tuple[Paragraph, ...]:
    """From the last marker to the first: what stands below a marker is complete when it is reached."""
    found: list[Paragraph] = []
    below: dict[int, list[Item]] = {}
    for mark in reversed(marks):
        marker, text = source.signs[mark.at : mark.end], source.joined(mark.end, end)
        items = tuple(reversed(below.pop(mark.depth + 1, [])))
        if mark.depth:
            below.setdefault(mark.depth, []).append(Item(marker, text, items))
        else:
            found.append(Paragraph(marker, text, items))
        end = mark.at
    return tuple(reversed(found))
