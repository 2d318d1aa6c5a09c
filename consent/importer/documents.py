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
class Supplement:
    """Supplementary provisions (附則) with their caption, （令和６年４月１日）, and paragraphs or articles of their own."""

    marker: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """``supplements`` stand before the date line, ``later_supplements`` behind the issuer."""

    title: str
    preamble: str
    articles: tuple[Article, ...]
    supplements: tuple[Supplement, ...]
    date_line: str
    date: date
    issuer: str
    later_supplements: tuple[Supplement, ...]


def pieces(document: Document) -> Iterator[str]:
    """Every piece of wording in the document's order. Joined without white space they are the source without white space."""
    yield document.title
    yield document.preamble
    yield from _articles(document.articles)
    yield from _supplements(document.supplements)
    yield document.date_line
    yield document.issuer
    yield from _supplements(document.later_supplements)


def as_data(document: Document) -> dict[str, Any]:
    """The document for JSON; keys stand in the order of the wording. TermsVersion keeps articles and supplements in this shape."""
    return {
        "title": document.title,
        "preamble": document.preamble,
        "articles": [_article_data(article) for article in document.articles],
        "supplements": [_supplement_data(supplement) for supplement in document.supplements],
        "date_line": document.date_line,
        "date": document.date.isoformat(),
        "issuer": document.issuer,
        "later_supplements": [_supplement_data(supplement) for supplement in document.later_supplements],
    }


def _articles(articles: Iterable[Article]) -> Iterator[str]:
    for article in articles:
        yield from _heads(article)
        yield from _texts(article.paragraphs)


def _supplements(supplements: Iterable[Supplement]) -> Iterator[str]:
    for supplement in supplements:
        yield supplement.marker
        yield supplement.heading
        yield from _texts(supplement.paragraphs)
        yield from _articles(supplement.articles)


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


def _supplement_data(supplement: Supplement) -> dict[str, Any]:
    return {
        "heading_follows_marker": True,
        "marker": supplement.marker,
        "heading": supplement.heading,
        "paragraphs": [_node_data(paragraph) for paragraph in supplement.paragraphs],
        "articles": [_article_data(article) for article in supplement.articles],
    }


def _node_data(node: Paragraph | Item) -> dict[str, Any]:
    return {"marker": node.marker, "text": node.text, "items": [_node_data(item) for item in node.items]}
