"""Articles, and what they consist of. A marker counts where it is due, not because a line begins with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consent.importer.documents import Article, Item, Paragraph
from consent.importer.reading import BREAK, SPACE, ImportRefused, Source

_LONGEST_CAPTION = 80
_ARTICLE = re.compile(r"第(\d{1,3})条(?:の(\d{1,2}))?")
_CIRCLED = "".join(map(chr, (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0))))
_NUMBERED_CAPTION = re.compile(rf"\([\d{_CIRCLED}]+\)")
# 第12条(3)に規定する…: the item of another article, even where a line begins with it
_CITING = re.compile(r"(?:[\d前同本各次][条項号]|条の\d+)$")
# ２ 回目, ２ つ: counted, not numbered
_COUNTED = re.compile(r"[条項号回つ]")
# 10:00～1|2:00: a list may end without a full stop, but never inside a number
_CUT_NUMBER = re.compile(r"[\d:~〜]$")
_BULLETS = "・･●■◆◇"
_PARAGRAPH, _ITEM, _SUB_ITEM = "paragraph", "item", "sub-item"


@dataclass(frozen=True, slots=True)
class Head:
    """Where an article begins, where its body does, and the captions around its marker (places in the source)."""

    number: int
    branch: int | None
    at: int
    marker_at: int
    marker_end: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """A marker inside an article: of which kind and number, where it begins and ends, how deep it stands."""

    kind: str
    number: int
    at: int
    end: int
    depth: int


def head_at(source: Source, at: int, known: Sequence[Head]) -> Head | None:
    """The head of an article that begins with the line at ``at``, if one does.

    It has a caption, above the marker or behind it, and the number that is due. Raises ImportRefused for a head with another
    number, and for one without a caption.
    """
    above = _caption_end(source, at, alone=True)
    marker_at = above or at
    if source.goes_on(at) or source.gap(marker_at) != BREAK or not (found := _ARTICLE.match(source.plain, marker_at)):
        return None
    number, branch, marker_end = _label(source, found)
    behind = _caption_end(source, marker_end, alone=above is not None)
    end = behind or marker_end
    if _only_cited(source, end):
        return None
    captioned = above is not None or behind is not None
    if captioned or _stands_as_head(source, at, end):
        _refuse_unless_due(source, (number, branch), marker_at, known)
        if not captioned:
            message = f"{_written(number, branch)}に見出しがありません。条の前の行に「（目的）」のような見出しを置いてください。"
            raise ImportRefused(message, source.line(at))
    return Head(number, branch, at, marker_at, marker_end, end) if captioned else None


def _only_cited(source: Source, end: int) -> bool:
    """第４条の…, 第７条第２項"""
    return source.is_cited(end) or (source.gap(end) == "" and source.plain.startswith("第", end))


def _stands_as_head(source: Source, at: int, end: int) -> bool:
    """Whether a marker without a caption looks like an article all the same: on a line of its own, with words that cite nothing."""
    return _ends_sentence(source, at) and source.gap(end) == SPACE and not source.is_cited_in_words(end)


def article(source: Source, head: Head, end: int) -> Article:
    """The article whose body ends at ``end``."""
    above, behind = source.joined(head.at, head.marker_at), source.joined(head.marker_end, head.end)
    return Article(
        number=head.number,
        branch=head.branch,
        marker=source.signs[head.marker_at : head.marker_end],
        heading=above or behind,
        heading_follows_marker=not above,
        second_heading=behind if above else "",
        paragraphs=_paragraphs(source, list(_marks(source, head.end, end)), end),
    )


def _caption_end(source: Source, at: int, *, alone: bool) -> int | None:
    """The end of the bracketed words at ``at`` (``alone``: nothing follows on their line), or None. Numbers in brackets are items."""
    depth = 0
    for place in range(at, min(at + _LONGEST_CAPTION, len(source))):
        depth += {"(": 1, ")": -1}.get(source.plain[place], 0)
        if depth == 0 or source.plain[place] == "。":
            closed = source.plain[place] == ")" and (not alone or source.gap(place + 1) == BREAK)
            return place + 1 if closed and not _NUMBERED_CAPTION.fullmatch(source.plain, at, place + 1) else None
    return None


def _label(source: Source, found: re.Match[str]) -> tuple[int, int | None, int]:
    """Number, branch and end of an article's marker; 第１条の２ ３人 is article 1-2, although white space is gone."""
    begin, end = found.span(2) if found[2] else (found.end(), found.end())
    end = next((place for place in range(begin + 1, end) if source.gap(place) == SPACE), end)
    return int(found[1]), int(source.plain[begin:end]) if found[2] else None, end


def _refuse_unless_due(source: Source, label: tuple[int, int | None], at: int, known: Sequence[Head]) -> None:
    last = known[-1] if known else None
    due = [(last.number + 1, None), (last.number, (last.branch or 1) + 1)] if last else [(1, None)]
    if label in due:
        return
    written = _written(*label)
    if any((head.number, head.branch) == label for head in known):
        message = f"{written}が二度あります。重なった条を除くか、前の規約の終わりに日付と発出者の行があるか確かめてください。"
    else:
        wanted = "または".join(_written(*choice) for choice in due)
        message = f"{written}の前に、{wanted}があるはずです。条の順番と、見出し（「（目的）」など）が抜けていないかを確かめてください。"
    raise ImportRefused(message, source.line(at))


def _written(number: int, branch: int | None) -> str:
    return f"第{number}条" + (f"の{branch}" if branch else "")


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
        closed = _ends_sentence(source, at) or (len(path) > 1 and not _CUT_NUMBER.search(source.before(at)))
        if closed and (paragraph := _paragraph_mark(source, at, path[0].number + 1)):
            return paragraph
    return _numbered_mark(source, at, path) or _bullet_mark(source, at, path)


def _paragraph_mark(source: Source, at: int, number: int) -> _Mark | None:
    end = at + len(str(number))
    cut_number = source.gap(end) == BREAK and source.plain[end : end + 1].isdigit()
    if source.gap(end) == "" or cut_number or _COUNTED.match(source.plain, end) or not source.plain.startswith(str(number), at):
        return None
    return _Mark(_PARAGRAPH, number, at, end, 0)


def _ends_sentence(source: Source, at: int) -> bool:
    return source.before(at).endswith(("。", "。)"))


def _numbered_mark(source: Source, at: int, path: Sequence[_Mark]) -> _Mark | None:
    for kind in (_ITEM, _SUB_ITEM):
        number, depth = _due(kind, path)
        written = f"({number})" if kind == _ITEM else _CIRCLED[number - 1 : number]
        end = at + len(written)
        cited = source.is_cited(end) or (at != path[-1].end and _CITING.search(source.before(at)))
        if written and source.plain.startswith(written, at) and not cited:
            return _Mark(kind, number, at, end, depth)
    return None


def _bullet_mark(source: Source, at: int, path: Sequence[_Mark]) -> _Mark | None:
    """A bullet has no number to expect, and ・ also joins words: behind it stands a space, or before it the end of a sentence."""
    sign = source.plain[at]
    fresh = at == path[-1].end or _ends_sentence(source, at)
    if sign not in _BULLETS or not (fresh or source.gap(at + 1) == SPACE):
        return None
    number, depth = _due(sign, path)
    return _Mark(sign, number, at, at + 1, depth)


def _due(kind: str, path: Sequence[_Mark]) -> tuple[int, int]:
    """The number that is due for a kind of marker, and its depth: beside its like, else below what stands last."""
    return next(((mark.number + 1, mark.depth) for mark in path if mark.kind == kind), (1, len(path)))


def _paragraphs(source: Source, marks: Sequence[_Mark], end: int) -> tuple[Paragraph, ...]:
    """From the last marker to the first: what stands below a marker is complete when it is reached."""
    paragraphs: list[Paragraph] = []
    below: dict[int, list[Item]] = {}
    for mark in reversed(marks):
        marker, text = source.signs[mark.at : mark.end], source.joined(mark.end, end)
        items = tuple(reversed(below.pop(mark.depth + 1, [])))
        if mark.depth:
            below.setdefault(mark.depth, []).append(Item(marker, text, items))
        else:
            paragraphs.append(Paragraph(marker, text, items))
        end = mark.at
    return tuple(reversed(paragraphs))
