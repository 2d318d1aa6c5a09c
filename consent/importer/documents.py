"""What an official text consists of, every marker and caption as it was written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """An item ``(1)``, a sub-item ``①`` or a bullet ``・``, and what hangs below it."""

    marker: str
    text: str
    items: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; the first of an article usually has no marker of its own, the others ``２``, ``３``."""

    marker: str
    text: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """``marker`` is 第６条の２ where ``number`` is 6 and ``branch`` 2.

    ``heading`` is the caption above the marker, or the one behind it where none stands above (``heading_follows_marker``).
    ``second_heading`` is the caption behind the marker of an article that has both.
    """

    number: int
    branch: int | None
    marker: str
    heading: str
    heading_follows_marker: bool
    second_heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    preamble: str
    articles: tuple[Article, ...]
    date_line: str
    date: date
    issuer: str


def pieces(document: Document) -> Iterator[str]:
    """Every piece of wording in the document's order. Joined without white space they are the source without white space."""
    yield document.title
    yield document.preamble
    for article in document.articles:
        yield from _heads(article)
        yield from _texts(article.paragraphs)
    yield document.date_line
    yield document.issuer


def as_data(document: Document) -> dict[str, Any]:
    """The document for JSON; keys stand in the order of the wording. ``articles`` is what TermsVersion.articles keeps."""
    return {
        "title": document.title,
        "preamble": document.preamble,
        "articles": [_article_data(article) for article in document.articles],
        "date_line": document.date_line,
        "date": document.date.isoformat(),
        "issuer": document.issuer,
    }


def _heads(article: Article) -> tuple[str, ...]:
    if article.heading_follows_marker:
        return article.marker, article.heading
    return article.heading, article.marker, article.second_heading


def _texts(nodes: Iterable[Paragraph | Item]) -> Iterator[str]:
    for node in nodes:
        yield node.marker
        yield node.text
        yield from _texts(node.items)


def _article_data(article: Article) -> dict[str, Any]:
    heading, marker = {"heading": article.heading}, {"marker": article.marker}
    return {
        "number": article.number,
        "branch": article.branch,
        "heading_follows_marker": article.heading_follows_marker,
        **(marker | heading if article.heading_follows_marker else heading | marker),
        "second_heading": article.second_heading,
        "paragraphs": [_node_data(paragraph) for paragraph in article.paragraphs],
    }


def _node_data(node: Paragraph | Item) -> dict[str, Any]:
    return {"marker": node.marker, "text": node.text, "items": [_node_data(item) for item in node.items]}
