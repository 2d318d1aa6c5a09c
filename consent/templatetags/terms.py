"""How the wording of a version is laid out for reading: captions as written, a stable name per article, the 要点 beside it.

Loaded with ``{% load terms %}``. Nothing here reads the clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template

from consent.models import ArticlePoint
from consent.rules import article_key

register = template.Library()


@dataclass(frozen=True, slots=True)
class Reading:
    """One article on the page. ``key`` (6-2) names its anchor, whatever the version."""

    key: str
    caption: str
    point: str
    paragraphs: list[dict[str, Any]]


@register.filter
def for_reading(articles: Iterable[Mapping[str, Any]], points: Iterable[ArticlePoint]) -> list[Reading]:
    """The articles as the page shows them: ``version.articles|for_reading:version.points.all``; ``""`` for no points."""
    words = {point.article: point.text for point in points}
    return [Reading(article_key(each), caption(each), words.get(article_key(each), ""), each["paragraphs"]) for each in articles]


def caption(article: Mapping[str, Any]) -> str:
    """The caption in the order of the source; a version without markers (the demo's digest) gets the usual one."""
    branch = f"の{article['branch']}" if article.get("branch") else ""
    marker = article.get("marker") or f"第{article['number']}条{branch}"
    if article.get("heading_follows_marker", "marker" not in article):
        return marker + article["heading"]
    return "　".join(part for part in (article["heading"], marker + article.get("second_heading", "")) if part)
