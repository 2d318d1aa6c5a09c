"""Our own CPU for a comparison of two 15-article versions: computing the table and rendering its page."""

from statistics import median
from time import process_time
from typing import Any

import pytest

from tests.amendment import after, before, page, version

ROUNDS = 10


def reworded() -> list[dict[str, Any]]:
    """The worst case: another word in every line of every article."""
    articles = before()
    for paragraph in (paragraph for each in articles for paragraph in each["paragraphs"]):
        for node in (paragraph, *paragraph["items"]):
            node["text"] = node["text"].replace("、", "、原則として、")
    return articles


@pytest.mark.parametrize("new", [after(), reworded()], ids=["usual amendment", "every line reworded"])
def test_comparison_of_fifteen_articles(new: list[dict[str, Any]], request: pytest.FixtureRequest) -> None:
    old, amended = version(1, before()), version(2, new)
    spent = []
    for _ in range(ROUNDS):
        begun = process_time()
        html = page(old, amended)
        spent.append(process_time() - begun)
    print(f"\n{request.node.callspec.id}: {median(spent) * 1000:.0f} ms CPU (median of {ROUNDS}; first {spent[0] * 1000:.0f} ms)")
    assert html.count("<ins>") > 0
