"""What other offices' texts have: 附則, kanji numerals, ア and イ below an item, deleted articles. Issue point 1."""

from datetime import date

import pytest

from consent.importer import Article, ImportRefused, Item, Paragraph, as_data, parse, pieces
from tests.consent.terms_texts import STATUTE

STATUTE_TEXT = STATUTE.read_text(encoding="utf-8")
END = "令和六年一月九日\n会長\n"


def heads(articles: tuple[Article, ...]) -> list[tuple[int, int | None, str, str]]:
    return [(article.number, article.branch, article.heading, article.marker) for article in articles]


def outline(nodes: tuple[Paragraph | Item, ...]) -> list[object]:
    """Markers, and in lists of their own what hangs below them."""
    return [part for node in nodes for part in ([node.marker, outline(node.items)] if node.items else [node.marker])]


def test_documents_behind_supplementary_provisions_are_told_apart() -> None:
    documents = parse(STATUTE_TEXT)
    assert [(d.title, d.date, d.issuer) for d in documents] == [
        ("青葉台町民農園利用規約", date(2023, 2, 28), "青葉台町長"),
        ("青葉台町農具の貸出規則", date(2024, 11, 3), "青葉台農具館長"),
        ("農具館のWeb講座利用規約", date(2025, 1, 6), "青葉台農具館長"),
    ]
    understood = "".join(piece for document in documents for piece in pieces(document))
    assert "".join(understood.split()) == "".join(STATUTE_TEXT.split())


def test_articles_numbered_in_kanji_are_numbers() -> None:
    farm, *_ = parse(STATUTE_TEXT)
    assert heads(farm.articles) == [
        (1, None, "（目的）", "第一条"),
        (2, None, "（借りられる方）", "第二条"),
        (3, None, "", "第三条"),
        (4, None, "", "第四条"),
        (5, None, "（水やり）", "第五条"),
        (6, None, "（返す日）", "第六条"),
        (6, 2, "（土）", "第六条の二"),
        (7, None, "（やめるとき）", "第七条"),
    ]


@pytest.mark.parametrize(("written", "number"), [("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99), ("百一", 101), ("１２", 12)])
def test_article_is_due_by_its_number_however_written(written: str, number: int) -> None:
    before = "".join(f"（ことば）\n第{each}条 針。\n" for each in range(1, number))
    (document,) = parse(f"会の規約\n{before}（費用）\n第{written}条 糸。\n{END}")
    assert (document.articles[-1].number, document.articles[-1].marker) == (number, f"第{written}条")


def test_items_in_kanji_and_kana_hang_where_they_belong() -> None:
    """第二条 counts イロハ, 第五条 アイウ; 一 年, 一 区画 and イの間 only look like markers."""
    farm, *_ = parse(STATUTE_TEXT)
    second, watering, ending = (farm.articles[place].paragraphs for place in (1, 4, 7))
    assert outline(second) == ["", ["一", "二", ["イ", "ロ", "ハ"], "三"], "２"]
    assert outline(watering) == ["", ["（１）", ["ア", "イ", "ウ"], "（２）"]]
    assert outline(ending) == ["", [*"一二三四五六七八九十", "十一"]]
    assert (second[1].text, ending[0].items[0].text) == ("前項第一号の方は、一 区画まで借りられます。", "一 年のあいだ来ない方")
    assert watering[0].items[0].items[2].text == "アとイの間の区画"


def test_deleted_article_keeps_its_number_and_needs_no_caption() -> None:
    farm, tools, _ = parse(STATUTE_TEXT)
    deleted = [article for article in (*farm.articles, *tools.articles) if article.paragraphs == (Paragraph("", "削除"),)]
    assert heads(tuple(deleted)) == [(3, None, "", "第三条"), (4, None, "", "第四条"), (2, None, "", "第２条")]


def test_article_behind_a_deleted_one_still_needs_its_caption() -> None:
    with pytest.raises(ImportRefused, match="第3条に見出しがありません") as refused:
        parse(f"会の規約\n（道具）\n第１条 針。\n第２条 削除\n第３条 糸です。\n{END}")
    assert refused.value.line == 5


def test_supplementary_provisions_before_the_date_line() -> None:
    farm, *_ = parse(STATUTE_TEXT)
    first, second = farm.supplements
    assert (first.marker, first.heading, first.articles) == ("附則", "", ())
    assert first.paragraphs == (Paragraph("", "この規約は、令和五年四月一日から使います。"),)
    assert (second.heading, outline(second.paragraphs)) == ("（令和六年三月十日）", ["１", "２"])
    assert second.paragraphs[1].text == "改正前の規約により借りた方は、令和六年五月十一日までに届け出てください。"
    assert farm.later_supplements == ()


def test_supplementary_provisions_behind_the_issuer_number_their_articles_anew() -> None:
    _, tools, course = parse(STATUTE_TEXT)
    first, second = tools.later_supplements
    assert heads(first.articles) == [
        (1, None, "（始まる日）", "第１条"),
        (2, None, "（前に借りた方）", "第２条"),
        (2, 2, "", "第２条の２"),
        (3, None, "", "第３条"),
    ]
    assert first.articles[3].paragraphs == (Paragraph("", "附則第１条の日より前に返した方は、この規則によりません。"),)
    assert (second.heading, heads(second.articles)) == ("（令和７年規則第２号）", [(1, None, "", "第１条"), (2, None, "", "第２条")])
    assert [supplement.paragraphs for supplement in course.later_supplements] == [(Paragraph("", "すぐに始まります。"),)]


def test_data_has_supplementary_provisions_where_they_stand() -> None:
    farm, tools, _ = map(as_data, parse(STATUTE_TEXT))
    assert list(farm) == ["title", "preamble", "articles", "supplements", "date_line", "date", "issuer", "later_supplements"]
    assert (len(farm["supplements"]), len(farm["later_supplements"])) == (2, 0)
    assert (len(tools["supplements"]), len(tools["later_supplements"])) == (0, 2)
    assert list(farm["supplements"][1]) == ["heading_follows_marker", "marker", "heading", "paragraphs", "articles"]


@pytest.mark.parametrize(
    "cited",
    ["附則\nの日までです。", "同じく\n附則\n第２項の日までです。", "糸は\n附則\n第１条の日までです。", "第一項及び\n附則\nまでです。"],
)
def test_supplementary_provisions_that_are_only_spoken_of_begin_nothing(cited: str) -> None:
    (document,) = parse(f"会の規約\n（道具）\n第１条 針です。{cited}\n{END}")
    assert (document.supplements, document.articles[0].paragraphs[0].text) == ((), "針です。" + "".join(cited.split()))


def test_document_that_lost_its_title_is_not_swallowed_by_supplementary_provisions() -> None:
    whole = f"会の規約\n（道具）\n第１条 針。\n{END}附則\nすぐに始まります。\n（道具）\n第１条 糸。\n{END}"
    with pytest.raises(ImportRefused, match="附則の中に、日付だけの行があります。") as refused:
        parse(whole)
    assert refused.value.line == 10


def test_supplementary_articles_out_of_order_are_refused() -> None:
    with pytest.raises(ImportRefused, match="第3条の前に、第2条または第1条の2があるはずです") as refused:
        parse(f"会の規約\n（道具）\n第１条 針。\n附則\n第１条 すぐに始まります。\n第３条 糸です。\n{END}")
    assert refused.value.line == 6
