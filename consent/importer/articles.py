"""The heads of articles. An article is known by its caption and the number that is due, not by what a line begins with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from consent.importer.bodies import paragraphs
from consent.importer.documents import Article
from consent.importer.numerals import CIRCLED, KANA, KANJI, KANJI_SIGNS, number_of
from consent.importer.reading import BREAK, SPACE, ImportRefused, Source

_LONGEST_CAPTION = 80
ARTICLE = re.compile(rf"第(\d{{1,3}}|{KANJI})条(?:の(\d{{1,2}}|(?!一){KANJI}))?")
_NUMBERED_CAPTION = re.compile(rf"\((?:[\d{CIRCLED}]+|[{KANJI_SIGNS}]+|[{KANA}])\)")
_DELETED = "削除"


@dataclass(frozen=True, slots=True)
class Head:
    """Where an article begins, where its body does, and the captions around its marker (places in the source)."""

    number: int
    branch: int | None
    at: int
    marker_at: int
    marker_end: int
    end: int

    @property
    def label(self) -> tuple[int, int | None]:
        return self.number, self.branch

    @property
    def captioned(self) -> bool:
        return self.at < self.marker_at or self.marker_end < self.end


def head_at(source: Source, at: int, known: Sequence[Head], *, first: int | None = None) -> Head | None:
    """The head of an article that begins with the line at ``at``, if one does.

    It has the number that is due, and a caption above the marker or behind it, except for 第５条 削除 and inside supplementary
    provisions (``first``: where their body begins). Raises ImportRefused for a head with another number, and where a caption lacks.
    """
    above = caption_end(source, at, alone=True)
    marker_at = above or at
    if source.goes_on(at) or source.gap(marker_at) != BREAK or not (found := ARTICLE.match(source.plain, marker_at)):
        return None
    number, branch, marker_end = _label(source, found)
    end = caption_end(source, marker_end, alone=above is not None) or marker_end
    head = Head(number, branch, at, marker_at, marker_end, end)
    return head if not only_cited(source, end) and _begins(source, head, known, first) else None


def only_cited(source: Source, end: int) -> bool:
    """第４条の…, 第７条第２項"""
    return source.is_cited(end) or (source.gap(end) == "" and source.plain.startswith("第", end))


def _begins(source: Source, head: Head, known: Sequence[Head], first: int | None) -> bool:
    """Whether an article begins here. One without a caption stands on a line of its own, with words that cite nothing."""
    if head.captioned:
        _refuse_unless_due(source, head, known)
        return True
    is_due = head.label in _due(known)
    if is_due and _is_deleted(source, head.end):
        return True
    if not _stands_apart(source, head.at, known, first) or source.is_cited_in_words(head.end):
        return False
    if source.gap(head.end) != SPACE:
        return first is not None and is_due and source.gap(head.end) == BREAK and not source.plain.startswith("第", head.end)
    _refuse_unless_due(source, head, known)
    if first is None:
        message = f"{_written(*head.label)}に見出しがありません。条の前の行に「（目的）」のような見出しを置いてください。"
        raise ImportRefused(message, source.line(head.at))
    return True


def _is_deleted(source: Source, end: int) -> bool:
    """第５条 削除: the number is kept, the article is gone."""
    return source.plain.startswith(_DELETED, end) and source.gap(end + len(_DELETED)) == BREAK


def _stands_apart(source: Source, at: int, known: Sequence[Head], first: int | None) -> bool:
    """Whether what comes before ``at`` is complete."""
    after_deleted = bool(known) and source.plain[known[-1].end : at] == _DELETED
    return after_deleted or at == first or source.ends_sentence(at)


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
        paragraphs=paragraphs(source, head.end, end),
    )


def caption_end(source: Source, at: int, *, alone: bool) -> int | None:
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
    return number_of(found[1]), number_of(source.plain[begin:end]) if found[2] else None, end


def _due(known: Sequence[Head]) -> list[tuple[int, int | None]]:
    last = known[-1] if known else None
    return [(last.number + 1, None), (last.number, (last.branch or 1) + 1)] if last else [(1, None)]


def _refuse_unless_due(source: Source, head: Head, known: Sequence[Head]) -> None:
    due = _due(known)
    if head.label in due:
        return
    written = _written(*head.label)
    if any(other.label == head.label for other in known):
        message = f"{written}が二度あります。重なった条を除くか、前の規約の終わりに日付と発出者の行があるか確かめてください。"
    else:
        wanted = "または".join(_written(*choice) for choice in due)
        message = f"{written}の前に、{wanted}があるはずです。条の順番と、見出し（「（目的）」など）が抜けていないかを確かめてください。"
    raise ImportRefused(message, source.line(head.marker_at))


def _written(number: int, branch: int | None) -> str:
    return f"第{number}条" + (f"の{branch}" if branch else "")
