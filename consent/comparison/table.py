"""The rows of a 新旧対照表: 改正後 beside 改正前, changed parts marked on both sides, moved articles recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from consent.comparison.marks import Flags, Run, changed_characters, changed_lines, flags_of, runs_of
from consent.comparison.pairing import pair_articles
from consent.comparison.text import Article, Text


class Kind(StrEnum):
    """What happened to an article."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    MOVED_AND_CHANGED = "moved_and_changed"


# Part of the official table, which is in Japanese whatever the reader's language.
REMARKS = {
    Kind.UNCHANGED: "",
    Kind.CHANGED: "変更",
    Kind.ADDED: "追加",
    Kind.REMOVED: "削除",
    Kind.MOVED: "条の移動",
    Kind.MOVED_AND_CHANGED: "条の移動・変更",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an article with its marks. Level 0 is the caption, 1 a paragraph, 2 an item and so on."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """An article as it stands in one column; the runs joined are its wording."""

    article: Article
    runs: tuple[Run, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The runs cut into lines, the caption first."""
        levels = (0, *(piece.level + 1 for piece in self.article.pieces))
        flags, start, lines = flags_of(self.runs), 0, []
        for level, line in zip(levels, self.article.lines, strict=True):
            lines.append(Line(level, runs_of(line, flags[start : start + len(line)])))
            start += len(line) + 1  # the line's end
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Row:
    """One article's fate. At least one of ``old`` and ``new`` is there."""

    kind: Kind
    old: Cell | None
    new: Cell | None
    remark: str

    @property
    def key(self) -> str:
        """Names the row among the others of its table: old place, colon, new place, such as ``6-2:7`` or ``-:15``."""
        return f"{_place(self.old)}:{_place(self.new)}"

    @property
    def folded(self) -> bool:
        """The body is the same on both sides and may be shown as （略）."""
        return self.kind in (Kind.UNCHANGED, Kind.MOVED)

    @property
    def whole(self) -> bool:
        """The article is new or gone: all of it is marked."""
        return self.kind in (Kind.ADDED, Kind.REMOVED)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole table, in the order of the new version; what was removed stands behind what it stood behind before."""

    rows: tuple[Row, ...]

    @property
    def amended(self) -> tuple[Row, ...]:
        """The rows with anything to see."""
        return tuple(row for row in self.rows if row.kind != Kind.UNCHANGED)


def compare(old: Text, new: Text) -> Comparison:
    """The table from ``old`` to ``new``. Every article of both stands in exactly one row."""
    before, after = old.parts, new.parts
    continued = pair_articles(before, after)
    rows = [_pair(before[continued[there]], article) if there in continued else _added(article) for there, article in enumerate(after)]
    return Comparison(tuple(_with_removed(rows, before, set(continued.values()))))


def _with_removed(rows: list[Row], before: Sequence[Article], kept: set[int]) -> list[Row]:
    for here, article in enumerate(before):
        if here not in kept:
            previous = before[here - 1] if here else None
            behind = next((place for place, row in enumerate(rows) if row.old and row.old.article is previous), -1)
            rows.insert(behind + 1, _removed(article))
    return rows


def _added(article: Article) -> Row:
    return Row(Kind.ADDED, None, _cell(article, [[True] * len(line) for line in article.lines]), REMARKS[Kind.ADDED])


def _removed(article: Article) -> Row:
    return Row(Kind.REMOVED, _cell(article, [[True] * len(line) for line in article.lines]), None, REMARKS[Kind.REMOVED])


def _pair(old: Article, new: Article) -> Row:
    old_caption, new_caption = _captions(old, new)
    old_body, new_body = changed_lines(old.lines[1:], new.lines[1:])
    kind = _kind(old, new)
    return Row(kind, _cell(old, [old_caption, *old_body]), _cell(new, [new_caption, *new_body]), REMARKS[kind])


def _captions(old: Article, new: Article) -> tuple[Flags, Flags]:
    """The number is marked where it changed, not where the same number is only typed another way (第10条, 第 10条)."""
    moved = old.place != new.place
    old_heading, new_heading = changed_characters(old.headings, new.headings)
    return _caption(old, moved, old_heading), _caption(new, moved, new_heading)


def _caption(article: Article, moved: bool, headings: Flags) -> Flags:
    """The marks of a caption from those of its number and of its headings, in the order of the source."""
    marker, first = [moved] * len(article.marker), len(article.heading)
    return [*headings[:first], False, *marker, *headings[first:]] if article.heading_leads else [*marker, *headings]


def _kind(old: Article, new: Article) -> Kind:
    reworded = (old.headings, old.lines[1:]) != (new.headings, new.lines[1:])
    if old.place == new.place:
        return Kind.CHANGED if reworded else Kind.UNCHANGED
    return Kind.MOVED_AND_CHANGED if reworded else Kind.MOVED


def _cell(article: Article, flags: list[Flags]) -> Cell:
    together = flags[0]
    for line in flags[1:]:
        together = [*together, False, *line]
    return Cell(article, runs_of(article.wording, together))


def _place(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    number, branch = cell.article.place
    return f"{number}-{branch}" if branch else str(number)
