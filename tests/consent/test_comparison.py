"""The comparison of two versions: which article became which, and what is marked (C13-0)."""

from typing import Any

import pytest

from consent.comparison import Cell, Comparison, Kind, Text, compare, marked
from tests.amendment import PREAMBLE, TITLE, after, article, before


def table(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Comparison:
    return compare(Text.from_data("", old, ""), Text.from_data("", new, ""))


def marks(cell: Cell | None) -> str:
    return marked(cell.runs) if cell else "-"


def fates(comparison: Comparison) -> list[tuple[str, Kind]]:
    return [(row.key, row.kind) for row in comparison.rows]


def test_same_text_is_unchanged_throughout() -> None:
    comparison = table(before(), before())
    assert [row.kind for row in comparison.rows] == [Kind.UNCHANGED] * 15
    assert comparison.amended == ()
    assert marks(comparison.rows[0].new) == comparison.rows[0].new.article.wording


def test_every_kind_of_change_is_told_apart() -> None:
    comparison = compare(Text.from_data(PREAMBLE, before(), TITLE), Text.from_data(PREAMBLE, after(), TITLE))
    assert fates(comparison) == [
        ("0:0", Kind.UNCHANGED),
        *((f"{number}:{number}", Kind.UNCHANGED) for number in range(1, 6)),
        ("6:6", Kind.CHANGED),
        ("-:6-2", Kind.ADDED),
        ("7:7", Kind.UNCHANGED),
        ("8:-", Kind.REMOVED),
        ("9:8", Kind.MOVED_AND_CHANGED),
        ("10:9", Kind.MOVED_AND_CHANGED),
        *((f"{number}:{number - 1}", Kind.MOVED) for number in range(11, 16)),
    ]


def test_remarks_name_the_change_in_the_offices_words() -> None:
    comparison = table(before(), after())
    assert {row.kind: row.remark for row in comparison.rows} == {
        Kind.UNCHANGED: "",
        Kind.CHANGED: "変更",
        Kind.ADDED: "追加",
        Kind.REMOVED: "削除",
        Kind.MOVED: "条の移動",
        Kind.MOVED_AND_CHANGED: "条の移動・変更",
    }


@pytest.mark.parametrize(
    ("old", "new", "old_marks", "new_marks"),
    [
        ("利用料は無料です。", "利用料は有料です。", "利用料は[[無]]料です。", "利用料は[[有]]料です。"),
        ("申込みは前日までです。", "申込みは開庁日の前日までです。", "申込みは前日までです。", "申込みは[[開庁日の]]前日までです。"),
        ("１回３０分です。", "１回４０分です。", "１回[[３０]]分です。", "１回[[４０]]分です。"),
        ("甲です。丙です。", "甲です。乙です。丙です。", "甲です。丙です。", "甲です。[[乙です。]]丙です。"),
        ("乙（甲）の方", "乙の方", "乙[[（甲）]]の方", "乙の方"),
        ("甲（丙）の方", "甲（乙）（丙）の方", "甲（丙）の方", "甲[[（乙）]]（丙）の方"),
        ("録画と録音はできません。", "録画はできません。", "録画[[と録音]]はできません。", "録画はできません。"),
        ("十五分以内に届ける。", "三十分以内に届ける。", "[[十五]]分以内に届ける。", "[[三十]]分以内に届ける。"),
    ],
)
def test_changed_characters_are_marked_on_both_sides(old: str, new: str, old_marks: str, new_marks: str) -> None:
    [row] = table([article(1, old)], [article(1, new)]).rows
    assert (marks(row.old), marks(row.new)) == (f"第1条\n{old_marks}", f"第1条\n{new_marks}")


@pytest.mark.parametrize(
    ("kept", "old_marks"),
    [
        ("の", "窓口で[[甲乙の丙丁]]を出してください。"),
        ("のと", "窓口で[[甲乙のと丙丁]]を出してください。"),
        ("のとの", "窓口で[[甲乙]]のとの[[丙丁]]を出してください。"),
    ],
)
def test_gaps_below_three_characters_are_closed(kept: str, old_marks: str) -> None:
    old, new = (f"窓口で{first}{kept}{second}を出してください。" for first, second in (("甲乙", "丙丁"), ("子丑", "寅卯")))
    [row] = table([article(1, old)], [article(1, new)]).rows
    assert marks(row.old) == f"第1条\n{old_marks}"


def test_new_paragraph_is_marked_whole_and_its_neighbours_are_left() -> None:
    first, second = "予約は電話で申し込みます。", "取消しは窓口でも受け付けます。"
    [row] = table([article(1, first, second)], [article(1, first, "代理の方は委任状をお持ちください。", second)]).rows
    assert marks(row.old) == f"第1条\n{first}\n{second}"
    assert marks(row.new) == f"第1条\n{first}\n[[代理の方は委任状をお持ちください。]]\n{second}"


def test_moved_article_is_recognised_and_only_its_number_marked() -> None:
    [new, moved] = table([article(1, "利用は無料です。")], [article(1, "この規約の目的を定めます。"), article(2, "利用は無料です。")]).rows
    assert (new.kind, marks(new.new), marks(new.old)) == (Kind.ADDED, "[[第1条]]\n[[この規約の目的を定めます。]]", "-")
    assert (moved.kind, marks(moved.old), marks(moved.new)) == (Kind.MOVED, "[[第1条]]\n利用は無料です。", "[[第2条]]\n利用は無料です。")
    assert moved.folded


def test_article_with_its_number_and_heading_continues_however_it_is_reworded() -> None:
    [row] = table([article(1, "甲乙丙丁戊。", heading="（料金）")], [article(1, "春夏秋冬は季節。", heading="（料金）")]).rows
    assert (row.kind, marks(row.new)) == (Kind.CHANGED, "第1条（料金）\n[[春夏秋冬は季節。]]")


def test_article_with_its_number_alone_is_another_one() -> None:
    comparison = table([article(1, "甲乙丙丁戊。", heading="（料金）")], [article(1, "春夏秋冬は季節。", heading="（暦）")])
    assert fates(comparison) == [("1:-", Kind.REMOVED), ("-:1", Kind.ADDED)]


def test_identical_articles_keep_their_numbers() -> None:
    comparison = table([article(1, "削除"), article(2, "削除")], [article(1, "削除"), article(2, "削除")])
    assert fates(comparison) == [("1:1", Kind.UNCHANGED), ("2:2", Kind.UNCHANGED)]


def test_removed_articles_stand_at_their_old_place() -> None:
    texts = ["目的を定めます。", "対象となる方を示します。", "料金はかかりません。", "録音を禁じます。"]
    old = [article(number, text) for number, text in enumerate(texts, start=1)]
    new = [article(1, texts[3])]
    assert [row.key for row in table(old, new).rows] == ["1:-", "2:-", "3:-", "4:1"]
    assert [row.key for row in table(old, [old[0], old[3]]).rows] == ["1:1", "2:-", "3:-", "4:4"]


def test_number_typed_another_way_is_no_change() -> None:
    """The source mixes 第 10条 and 第10条."""
    [row] = table([article(10, "同じ。", marker="第 10条")], [article(10, "同じ。", marker="第10条")]).rows
    assert (row.kind, marks(row.old), marks(row.new)) == (Kind.UNCHANGED, "第 10条\n同じ。", "第10条\n同じ。")


def test_headings_are_compared_too() -> None:
    old, new = (
        article(6, "同じ文。", heading="（申込み）"),
        article(6, "同じ文。", heading="（申込み等）") | {"second_heading": "（求職者）"},
    )
    [row] = table([old], [new]).rows
    assert (row.kind, marks(row.new)) == (Kind.CHANGED, "第6条（申込み[[等）（求職者）]]\n同じ文。")


def test_preamble_and_title_are_a_row_of_their_own() -> None:
    [row] = compare(Text.from_data("前文。\nなお、甲とします。", [], "規約"), Text.from_data("前文。\nなお、乙とします。", [], "規約")).rows
    assert (row.key, row.kind, marks(row.new)) == ("0:0", Kind.CHANGED, "規約\n前文。\nなお、[[乙]]とします。")


def test_preamble_that_is_new_is_added() -> None:
    [row] = compare(Text.from_data("", [], ""), Text.from_data("前文。", [], "")).rows
    assert (row.key, row.kind, row.old) == ("-:0", Kind.ADDED, None)


def test_lines_tell_the_level_of_each_piece() -> None:
    item = {"marker": "(1)", "text": "号", "items": [{"marker": "①", "text": "細目", "items": []}]}
    data = article(1) | {"paragraphs": [{"marker": "２", "text": "項", "items": [item]}]}
    [row] = table([data], [data]).rows
    assert row.new is not None
    assert [(line.level, marked(line.runs)) for line in row.new.lines] == [
        (0, "第1条"),
        (1, "２　項"),
        (2, "(1)　号"),
        (3, "①　細目"),
    ]


@pytest.mark.parametrize("numbers", [(1, 1), (2, 1)])
def test_articles_out_of_order_are_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        Text.from_data("", [article(number, "文") for number in numbers], "")


def test_supplementary_provisions_are_rows_behind_the_articles() -> None:
    """With the articles inside them as lines; one more 附則 is one row more."""
    first = {"marker": "附則", "heading": "", "paragraphs": [], "articles": [article(1, "四月一日からです。", heading="（始まる日）")]}
    second = {
        "marker": "附則",
        "heading": "（令和六年）",
        "paragraphs": [{"marker": "", "text": "五月一日からです。", "items": []}],
        "articles": [],
    }
    comparison = compare(Text.from_data("", before(), "", [first]), Text.from_data("", before(), "", [first, second]))
    assert fates(comparison)[-2:] == [("1000:1000", Kind.UNCHANGED), ("-:1001", Kind.ADDED)]
    assert [row.new.article.lines for row in comparison.rows[-2:] if row.new] == [
        ("附則", "第1条（始まる日）", "四月一日からです。"),
        ("附則（令和六年）", "五月一日からです。"),
    ]


def test_article_that_became_a_supplementary_provision_is_no_move() -> None:
    moved = article(16, "四月一日からです。", heading="（始まる日）")
    back = {"marker": "附則", "heading": "（始まる日）", "paragraphs": moved["paragraphs"], "articles": []}
    comparison = compare(Text.from_data("", [moved], ""), Text.from_data("", [], "", [back]))
    assert sorted(fates(comparison)) == [("-:1000", Kind.ADDED), ("16:-", Kind.REMOVED)]


def test_caption_stands_in_the_order_of_the_source() -> None:
    """（利用申込み等）第６条（予約型）: marked where it changed, the number where it moved."""
    old = {"number": 6, "branch": None, "marker": "第６条", "heading": "（申込み）", "second_heading": "（予約型）", "paragraphs": []}
    old |= {"heading_follows_marker": False, "paragraphs": [{"marker": "", "text": "本文です。" * 9, "items": []}]}
    new = {**old, "number": 7, "marker": "第７条", "second_heading": "（予約型・団体）"}
    (row,) = table([old], [new]).rows
    assert [marks(cell).partition("\n")[0] for cell in (row.old, row.new)] == [
        "（申込み）　[[第６条]]（予約型）",
        "（申込み）　[[第７条]]（予約型[[・団体]]）",
    ]
