"""The texts that the importer is tried on: an invented one with all the office's difficulties, one written like a statute, the office's own."""

import os
from pathlib import Path

import pytest

from consent.importer import Article, Document, Item, Paragraph, Supplement

HERE = Path(__file__).resolve().parent
INVENTED = HERE / "fixtures" / "invented_terms.txt"
STATUTE = HERE / "fixtures" / "invented_statute.txt"
OFFICIAL = Path(os.environ.get("OFFICIAL_TERMS") or HERE.parents[2] / "shared" / "terms" / "official_terms_2023-08-29.txt")


def official() -> bytes:
    """The file as the office holds it; skips, saying so, where it is absent."""
    if not OFFICIAL.exists():
        pytest.skip(f"the official text is not here: {OFFICIAL.name} (name its place in OFFICIAL_TERMS)")
    return OFFICIAL.read_bytes()


def logical_lines(document: Document) -> list[str]:
    """The document as its author typed it: one line for whatever begins on a line of its own."""
    articles = [line for article in document.articles for line in _article_lines(article)]
    earlier, later = (
        [line for supplement in each for line in _supplement_lines(supplement)]
        for each in (document.supplements, document.later_supplements)
    )
    return [document.title, document.preamble, *articles, *earlier, document.date_line, document.issuer, *later]


def _supplement_lines(supplement: Supplement) -> list[str]:
    body = [line for paragraph in supplement.paragraphs for line in _node_lines(paragraph)]
    return [supplement.marker + supplement.heading, *body, *(line for article in supplement.articles for line in _article_lines(article))]


def _article_lines(article: Article) -> list[str]:
    body = [line for paragraph in article.paragraphs for line in _node_lines(paragraph)]
    if article.heading_follows_marker:
        return [article.marker + article.heading, *body]
    return [article.heading, article.marker + article.second_heading, *body]


def _node_lines(node: Paragraph | Item) -> list[str]:
    own = " ".join(part for part in (node.marker, node.text) if part)
    return [*([own] if own else []), *(line for item in node.items for line in _node_lines(item))]
