"""The page of a comparison: what is underlined, folded and said aloud."""

import re

import pytest

from tests.amendment import after, before, page, version


def row(html: str, key: str) -> str:
    [found] = re.findall(rf'<tr [^>]*id="row-{key}".*?</tr>', html, re.DOTALL)
    return str(found)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


@pytest.fixture(scope="module")
def amended() -> str:
    return page(version(1, before()), version(2, after()))


def test_changed_words_are_underlined_on_both_sides_and_said(amended: str) -> None:
    found = re.findall(r"<(ins|del)>(.*?)</\1>", row(amended, "9:8"))
    assert [(tag, words(inside)) for tag, inside in found] == [
        ("ins", "［改正部分］第8条［ここまで］"),
        ("ins", "［改正部分］安定［ここまで］"),
        ("del", "［改正部分］第9条［ここまで］"),
    ]


def test_unchanged_article_is_folded_with_its_text_below(amended: str) -> None:
    new, old, remark = re.findall(r"<td.*?</td>", row(amended, "1:1"), re.DOTALL)
    assert words(old) == "改正前 第1条（目的） （略）"
    assert words(re.sub("<details.*</details>", "", new, flags=re.DOTALL)) == "改正後 第1条（目的） （略）"
    assert words(new).count("前項のほか、目的について必要な事項は、所長が別に定めます。") == 1
    assert words(remark) == ""


def test_new_article_faces_the_word_for_it(amended: str) -> None:
    new, old, remark = re.findall(r"<td.*?</td>", row(amended, "-:6-2"), re.DOTALL)
    assert (words(old), words(remark)) == ("改正前 （新設）", "備考追加")
    assert words(new).startswith("改正後 この条のすべてが改正部分です。 第6条の2（臨時の利用） 急ぎの相談があるときは、")
    assert "［改正部分］" not in new


def test_removed_article_faces_the_word_for_it(amended: str) -> None:
    new, old, remark = re.findall(r"<td.*?</td>", row(amended, "8:-"), re.DOTALL)
    assert (words(new), words(remark)) == ("改正後 （削る）", "備考削除")
    assert len(re.findall("<del>", old)) == 7


def test_amended_articles_are_listed_first(amended: str) -> None:
    [jump] = re.findall(r'<nav class="comparison-jump".*?</nav>', amended, re.DOTALL)
    assert re.findall(r'href="#row-([^"]+)"', jump)[:4] == ["6:6", "-:6-2", "8:-", "9:8"]


def test_same_text_says_that_nothing_was_amended() -> None:
    html = page(version(1, before()), version(2, before()))
    assert "改正された部分はありません。" in html
    assert re.findall("<(?:ins|del)>", html) == []


def test_texts_are_escaped() -> None:
    articles = before()
    articles[0]["paragraphs"][0]["text"] = "<script>と&"
    assert "&lt;script&gt;と&amp;" in row(page(version(1, before()), version(2, articles)), "1:1")


def test_only_announced_versions_are_linked() -> None:
    draft = version(2, after())
    draft.announced_at = None
    links = re.findall(r'href="(/terms/counselling/\d+/)"', page(version(1, before()), draft))
    assert links == ["/terms/counselling/1/"]
