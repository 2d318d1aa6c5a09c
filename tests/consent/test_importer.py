"""The official text becomes documents, articles, paragraphs and items; not a sign is lost, added or changed (rules.md 1.0)."""

from datetime import date

import pytest

from consent.importer import Article, Item, Paragraph, as_data, decode, parse, pieces, sha256
from tests.consent.terms_texts import INVENTED, official

INVENTED_TEXT = INVENTED.read_text(encoding="utf-8")


def labels(articles: tuple[Article, ...]) -> list[tuple[int, int | None]]:
    return [(article.number, article.branch) for article in articles]


def markers(article: Article) -> list[str]:
    def of(nodes: tuple[Paragraph | Item, ...]) -> list[str]:
        return [marker for node in nodes for marker in (node.marker, *of(node.items))]

    return of(article.paragraphs)


def signs(text: str) -> str:
    return "".join(text.split())


def test_two_documents_in_one_file_are_told_apart() -> None:
    first, second = parse(INVENTED_TEXT)
    assert (first.title, second.title) == (
        "青葉台公民館オンライン工作教室等利用規約",
        "公民館における動画を使った講座等の各種行事の利用規約",
    )
    assert (first.date_line, first.date, first.issuer) == ("令和５年１０月１日", date(2023, 10, 1), "青葉台公民館長")
    assert (second.date_line, second.date, second.issuer) == ("令和５年１１月１５日", date(2023, 11, 15), "青葉台公民館長")
    assert labels(first.articles) == [(1, None), (2, None), (3, None), (3, 2), (4, None), (5, None)]
    assert labels(second.articles) == [(1, None), (2, None), (3, None), (4, None)]


def test_captions_and_markers_stay_as_written() -> None:
    first, second = parse(INVENTED_TEXT)
    heads = [(a.heading, a.marker, a.second_heading, a.heading_follows_marker) for a in (*first.articles[2:], second.articles[1])]
    assert heads == [
        ("（申込み等）", "第３条", "（予約による参加・町民）", False),
        ("（当日の参加・町民又は団体）", "第３条の２", "", True),
        ("（通信に使う道具と費用）", "第４条", "", False),
        ("（規約の変更）", "第５条", "", False),
        ("（記録）", "第２条", "", False),
    ]


def test_items_and_sub_items_hang_where_they_belong() -> None:
    first, second = parse(INVENTED_TEXT)
    assert [markers(article) for article in first.articles] == [
        [""],
        ["", "(1)", "(2)"],
        ["", "(1)", "(２）", "①", "②", "③", "(3)", "(4）"],
        ["", "(1)", "(2)"],
        ["", "(1)", "(2)", "・", "・", "(3)"],
        ["", "(1)", "(2)"],
    ]
    assert [markers(article) for article in second.articles] == [[""], ["", "２", "３"], ["", "２", "(1)", "(2)", "３"], [""]]


def test_line_that_begins_like_a_marker_stays_in_its_sentence() -> None:
    """第４条の…, (3)の…, 第２項の…, ・カッター and ２ 回 begin lines here, and none of them begins anything."""
    first, second = parse(INVENTED_TEXT)
    asked = first.articles[2].paragraphs[0].items
    assert (
        first.articles[1].paragraphs[0].items[1].text
        == "カメラの付いた端末（ＰＣ、タブレット等）を持ち、第４条の通信に使う道具などを用意できる方"
    )
    assert (
        asked[3].text
        == "取りやめるときは、電話で知らせてください。知らせがないまま、(3)の日時を 10分過ぎたときは、取りやめたものとみなします。"
    )
    assert first.articles[3].paragraphs[0].items[1].text == "材料費は、第４条(3)に定めるところによります。"
    assert first.articles[4].paragraphs[0].items[1].items[0] == Item(
        "・", "OSは新しいものを使い、はさみ・のり・カッターは手元に置いてください。"
    )
    assert second.articles[2].paragraphs[2] == Paragraph("３", "公民館は、２ 回まで日を改めて行事を開きます。")


def test_wraps_are_joined_and_fresh_sentences_keep_their_line() -> None:
    first, second = parse(INVENTED_TEXT)
    assert first.preamble == (
        "青葉台公民館（以下「当館」といいます。）が開くオンライン工作教室等（WEBカメラを使う教室及び個別のはんだ付け相談をいう。以下同じ。）"
        "に加わるには、本規約への同意が必要です。\nなお、第３条又は第３条の２により申し込んだ方は、本規約に同意したものとみなします。"
    )
    assert second.articles[2].paragraphs[0].text == (
        "公民館は、前もって知らせることなく行事を中止することがあります。\nなお、そのために生じた損害の責任は負いません。"
    )


def test_latin_words_parted_by_a_wrap_stay_two_words() -> None:
    (document,) = parse("会の規約\n（道具）\n第１条 Mado\nMeeting を使い、12\n時に始めます 。\n令和６年１月９日\n会長\n")
    assert document.articles[0].paragraphs[0].text == "Mado Meeting を使い、12時に始めます。"


def test_pieces_are_the_source_without_white_space() -> None:
    documents = parse(INVENTED_TEXT)
    assert signs("".join(piece for document in documents for piece in pieces(document))) == signs(INVENTED_TEXT)


def test_data_tells_everything_in_the_order_of_the_wording() -> None:
    (document,) = parse("会の規約\n前文です。\n（道具）\n第１条 次のとおり。\n(1) 糸\n第１条の２（針）\n２本。\n令和６年１月９日\n会長\n")
    data = as_data(document)
    assert data == {
        "title": "会の規約",
        "preamble": "前文です。",
        "articles": [
            {
                "number": 1,
                "branch": None,
                "heading_follows_marker": False,
                "heading": "（道具）",
                "marker": "第１条",
                "second_heading": "",
                "paragraphs": [{"marker": "", "text": "次のとおり。", "items": [{"marker": "(1)", "text": "糸", "items": []}]}],
            },
            {
                "number": 1,
                "branch": 2,
                "heading_follows_marker": True,
                "marker": "第１条の２",
                "heading": "（針）",
                "second_heading": "",
                "paragraphs": [{"marker": "", "text": "２本。", "items": []}],
            },
        ],
        "supplements": [],
        "date_line": "令和６年１月９日",
        "date": "2024-01-09",
        "issuer": "会長",
        "later_supplements": [],
    }
    assert [list(article)[3:5] for article in data["articles"]] == [["heading", "marker"], ["marker", "heading"]]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("令和元年５月１日", date(2019, 5, 1)), ("平成31年４月３０日", date(2019, 4, 30)), ("2024年2月29日", date(2024, 2, 29))],
)
def test_date_line_is_understood_in_every_era(written: str, meant: date) -> None:
    (document,) = parse(f"会の規約\n（道具）\n第１条 針。\n{written}\n会長\n")
    assert (document.date_line, document.date) == (written, meant)


@pytest.mark.parametrize("issuer", ["青葉台町長　山田 花子", "青葉台図書館", "ハローワーク青葉"])
def test_issuer_ends_where_the_next_title_begins(issuer: str) -> None:
    first, second = parse(
        f"甲規約\n（道具）\n第１条 針。\n令和６年１月９日\n{issuer}\n乙\n規約\n（道具）\n第１条 糸。\n令和６年１月９日\n会長\n"
    )
    assert (signs(first.issuer), second.title) == (signs(issuer), "乙規約")


def test_caption_behind_the_marker_may_be_followed_by_text() -> None:
    (document,) = parse("会の規約\n第１条（道具）針です。\n第２条 （費用） 第１条（道具）の費用です。\n令和６年１月９日\n会長\n")
    assert [(a.marker, a.heading, a.paragraphs[0].text) for a in document.articles] == [
        ("第１条", "（道具）", "針です。"),
        ("第２条", "（費用）", "第１条（道具）の費用です。"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encoding_makes_no_difference(encoding: str) -> None:
    assert parse(decode(INVENTED_TEXT.encode(encoding))) == parse(INVENTED_TEXT)


def test_fingerprint_is_that_of_the_file() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_official_text_is_understood_whole() -> None:
    raw = official()
    counselling, seminar = documents = parse(decode(raw))
    assert labels(counselling.articles) == [*((n, None) for n in range(1, 7)), (6, 2), *((n, None) for n in range(7, 15))]
    assert labels(seminar.articles) == [(n, None) for n in range(1, 13)]
    assert [(d.date, d.issuer) for d in documents] == [(date(2023, 8, 29), "豊岡公共職業安定所長")] * 2
    assert signs("".join(piece for document in documents for piece in pieces(document))) == signs(raw.decode())


def test_official_text_keeps_its_finer_structure() -> None:
    counselling, seminar = parse(decode(official()))
    reserved, ad_hoc, remarks = (counselling.articles[place] for place in (5, 6, 12))
    assert (reserved.heading, reserved.second_heading) == ("（利用申込み等）", "（予約型利用・求職者）")
    assert (ad_hoc.heading, ad_hoc.heading_follows_marker) == ("（臨時的利用・求職者又は求人者）", True)
    assert markers(reserved) == ["", "(1)", "(2)", "①", "②", "③", "④", "⑤", "(3)", "(4)"]
    assert markers(remarks) == ["", "(1)", "(2)", "(3)", "(4)", "・", "・", "・", "(5)"]
    assert markers(counselling.articles[4]) == ["", "(1)", "(2)", "(3)", "(4）", "(5)", "(6)"]
    assert [markers(seminar.articles[place]) for place in (3, 6, 7)] == [["", "２", "３", "４", "５"], ["", "２", "３"], ["", "２"]]
