"""Blanks of the template in a text: found whatever breaks them, filled without touching anything else (rules.md 1.0)."""

import pytest

from consent.importer import as_data, decode, parse
from consent.rules import article_key, filled, placeholders, words
from tests.consent.terms_texts import STATUTE, official

APP, ADAPT = "（会議用アプリ名）", "（実施する内容により適宜修正すること。）"
ARTICLES = [
    {
        "number": 4,
        "branch": None,
        "marker": "第４条",
        "heading": "（利用）",
        "paragraphs": [
            {
                "marker": "",
                "text": f"{APP}等による教室（個別の相談{ADAPT}）をいう。",
                "items": [{"marker": "(1)", "text": "（会議用\nアプリ 名）を使うこと。", "items": []}],
            }
        ],
    }
]


def test_placeholders_are_found_across_line_breaks_and_named_once() -> None:
    assert placeholders("前文です。", ARTICLES) == (APP, ADAPT)


@pytest.mark.parametrize("written", ["会議用アプリ名", "適宜修正すること"])
def test_placeholder_without_brackets_is_found_too(written: str) -> None:
    assert placeholders(f"この{written}。", []) == (written,)


def test_text_without_blanks_has_none() -> None:
    assert placeholders("会議用のアプリを使い、適宜修正します。", []) == ()


def test_filling_changes_nothing_but_the_blanks() -> None:
    preamble, articles = filled(f"前文。{APP}。", ARTICLES, {APP: "Zoom", ADAPT: ""})
    (paragraph,) = articles[0]["paragraphs"]
    assert (preamble, paragraph["text"]) == ("前文。Zoom。", "Zoom等による教室（個別の相談）をいう。")
    assert paragraph["items"] == [{"marker": "(1)", "text": "Zoomを使うこと。", "items": []}]
    assert {**articles[0], "paragraphs": 0} == {**ARTICLES[0], "paragraphs": 0}
    assert placeholders(preamble, articles) == ()


def test_blank_that_is_not_named_stays() -> None:
    _, articles = filled("", ARTICLES, {ADAPT: ""})
    assert placeholders("", articles) == (APP,)


def test_words_are_every_sign_in_the_order_of_the_text() -> None:
    (document, *_) = map(as_data, parse(STATUTE.read_text(encoding="utf-8")))
    parts = [*document["articles"], *document["supplements"]]
    source = "".join(STATUTE.read_text(encoding="utf-8").split())
    assert words(document["preamble"], parts) == source[source.index("この規約は、町民農園") : source.index("令和五年二月二十八日")]


def test_blanks_in_supplementary_provisions_are_found_and_filled() -> None:
    supplement = {"marker": "附則", "heading": "", "paragraphs": [], "articles": ARTICLES}
    assert placeholders("", [supplement]) == (APP, ADAPT)
    assert filled("", [supplement], {APP: "Zoom", ADAPT: ""})[1][0]["articles"] == filled("", ARTICLES, {APP: "Zoom", ADAPT: ""})[1]


def test_article_key_of_a_branch() -> None:
    assert [article_key({"number": 6, "branch": branch}) for branch in (None, 2)] == ["6", "6-2"]


def test_official_text_has_blanks_in_the_second_document_only() -> None:
    found = [placeholders(data["preamble"], data["articles"]) for data in map(as_data, parse(decode(official())))]
    assert found == [(), (APP, "（実施するサービス内容により適宜修正すること。）")]
