"""The terms as a comparison reads them: articles, each a caption and the pieces below it, one piece per line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

FRONT = 0  # stands for the title and the preamble, which no article number can be
BACK = 1000  # the first supplementary provisions (附則), behind every article number; the next ones are 1001


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph (level 0), an item (1), a sub-item (2) and so on, with its marker as written."""

    level: int
    marker: str
    text: str

    @property
    def wording(self) -> str:
        """The piece as one line of the table."""
        return "　".join(part for part in (self.marker, self.text) if part)


@dataclass(frozen=True, slots=True)
class Article:
    """One article; number ``FRONT`` is the title (as heading) with the preamble, from ``BACK`` on 附則 with all that is in them.

    ``marker`` is the caption's number as written; ``heading_leads`` where the heading stands above it.
    """

    number: int
    branch: int | None
    marker: str
    heading: str
    second_heading: str
    pieces: tuple[Piece, ...]
    heading_leads: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in its version: 第6条の2 is (6, 2), 第6条 is (6, 0)."""
        return self.number, self.branch or 0

    @property
    def part(self) -> int:
        """Which part of the text it is of: before the articles, among them, behind them. Parts are never compared with another."""
        return (self.number > FRONT) + (self.number >= BACK)

    @property
    def headings(self) -> str:
        """The caption without the number."""
        return self.heading + self.second_heading

    @property
    def caption(self) -> str:
        """Number and headings in the order of the source."""
        if self.heading_leads:
            return f"{self.heading}　{self.marker}{self.second_heading}"
        return self.marker + self.headings

    @property
    def lines(self) -> tuple[str, ...]:
        """What the table shows: the caption, then one line per piece."""
        return (self.caption, *(piece.wording for piece in self.pieces))

    @property
    def wording(self) -> str:
        """All lines, one below the other."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Text:
    """One version's whole wording. Articles ascend (the importer sees to it), else ValueError: places name the rows of a table."""

    title: str
    preamble: str
    articles: tuple[Article, ...]

    def __post_init__(self) -> None:
        if any(later.place <= earlier.place for earlier, later in pairwise(self.parts)):
            raise ValueError("articles must stand in ascending order, each number once")

    @classmethod
    def from_data(
        cls, preamble: str, articles: Iterable[Mapping[str, Any]], title: str, supplements: Iterable[Mapping[str, Any]] = ()
    ) -> "Text":
        """From a version as it is stored (the shape of ``TermsVersion.articles``)."""
        back = (_supplement(number, data) for number, data in enumerate(supplements, start=BACK))
        return cls(title, preamble, (*map(_article, articles), *back))

    @property
    def parts(self) -> tuple[Article, ...]:
        """The articles, and before them the title with the preamble where there is one."""
        preamble = tuple(Piece(0, "", line) for line in self.preamble.split("\n")) if self.preamble else ()
        front = (Article(FRONT, None, "", self.title, "", preamble),) if self.title or self.preamble else ()
        return (*front, *self.articles)


def _article(data: Mapping[str, Any]) -> Article:
    number, branch = data["number"], data.get("branch")
    marker = data.get("marker") or f"第{number}条" + (f"の{branch}" if branch else "")
    pieces = tuple(_pieces(data["paragraphs"], 0))
    leads = bool(data["heading"]) and not data.get("heading_follows_marker", True)
    return Article(number, branch, marker, data["heading"], data.get("second_heading", ""), pieces, leads)


def _supplement(number: int, data: Mapping[str, Any]) -> Article:
    """附則 as one article: the articles inside are lines with what hangs below them."""
    pieces = [*_pieces(data["paragraphs"], 0)]
    for article in map(_article, data["articles"]):
        deeper = (Piece(piece.level + 1, piece.marker, piece.text) for piece in article.pieces)
        pieces += [Piece(0, article.caption, ""), *deeper]
    return Article(number, None, data["marker"], data["heading"], "", tuple(pieces))


def _pieces(nodes: Iterable[Mapping[str, Any]], level: int) -> Iterator[Piece]:
    for node in nodes:
        yield Piece(level, node["marker"], node["text"])
        yield from _pieces(node.get("items", ()), level + 1)
