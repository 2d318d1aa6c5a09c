"""What stands in a version's text: its articles by key, its words, and the blanks that a template left open. Pure.

The blanks are those of the office's text: （会議用アプリ名） and remarks that end 適宜修正すること. A line break of the source may stand
inside one, so white space never counts.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

APP_NAME = "会議用アプリ名"
TO_ADAPT = "適宜修正すること"
_TEXTS = ("heading", "second_heading", "text")
_BELOW = ("paragraphs", "items", "articles")  # what may hang below a node, in this order


def _spread(words: str) -> str:
    return r"\s*".join(map(re.escape, words))


_KEYS = f"(?:{_spread(APP_NAME)}|{_spread(TO_ADAPT)})"
_PLACEHOLDER = re.compile(rf"[（(][^（）()]*{_KEYS}[^（）()]*[）)]|{_KEYS}")


def article_key(article: Mapping[str, Any]) -> str:
    """第６条 is 6, 第６条の２ is 6-2."""
    return f"{article['number']}-{article['branch']}" if article.get("branch") else str(article["number"])


def words(preamble: str, articles: Iterable[Mapping[str, Any]]) -> str:
    """Every sign of the text but white space, in order: the same however the lines were wrapped and whatever hangs below what."""
    return "".join((preamble + "".join(_pieces(articles))).split())


def placeholders(preamble: str, articles: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The blanks that remain, each once, without white space, in the order of the text."""
    text = preamble + "".join(_leaves(articles))
    return tuple(dict.fromkeys(_named(found) for found in _PLACEHOLDER.finditer(text)))


def filled(preamble: str, articles: Iterable[Mapping[str, Any]], values: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """The text with the blanks named in ``values`` replaced (by nothing, where the value is empty); nothing else changes."""

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: values.get(_named(found), found[0]), text)

    return fill(preamble), [_rewritten(article, fill) for article in articles]


def _named(found: re.Match[str]) -> str:
    return "".join(found[0].split())


def _pieces(nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Captions, markers and texts, each where it was written."""
    for node in nodes:
        heading, marker = node.get("heading", ""), node.get("marker", "")
        yield from (marker, heading) if node.get("heading_follows_marker") else (heading, marker)
        yield node.get("second_heading", "")
        yield node.get("text", "")
        yield from _pieces(_below(node))


def _leaves(nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for node in nodes:
        yield from (node.get(name, "") for name in _TEXTS)
        yield from _leaves(_below(node))


def _below(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (child for name in _BELOW for child in node.get(name, ()))


def _rewritten(node: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    return {key: _changed(key, value, change) for key, value in node.items()}


def _changed(key: str, value: Any, change: Callable[[str], str]) -> Any:
    if key in _TEXTS:
        return change(value)
    return [_rewritten(child, change) for child in value] if key in _BELOW else value
