"""A broken file is refused by a message that names the line and says what to do; nothing is guessed."""

import pytest

from consent.importer import MOST_BYTES, ImportRefused, decode, parse

GOOD = """桜町図書室利用規約
（目的）
第１条 本を貸します。
（期間）
第２条 １回当たり 14日とします。
（返却）
第３条 次のとおり返します。
(1) 窓口
(2) 返却箱
令和５年４月１日
桜町図書室長
"""


def without(*lines: int) -> str:
    return "\n".join(line for number, line in enumerate(GOOD.splitlines(), start=1) if number not in lines)


def refusal(text: str) -> tuple[int | None, str]:
    with pytest.raises(ImportRefused) as refused:
        parse(text)
    return refused.value.line, refused.value.message


def test_text_that_the_others_are_broken_from_is_good() -> None:
    assert [article.marker for article in parse(GOOD)[0].articles] == ["第１条", "第２条", "第３条"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param(" \n\n", None, "文字がありません。規約の本文が入ったファイルを指定してください。", id="empty"),
        pytest.param(
            without(2, 3, 4, 5, 6, 7),
            2,
            "条が見つかりません。見出し（「（目的）」など）と「第１条」の行があるか確かめてください。",
            id="no article",
        ),
        pytest.param(
            GOOD.replace("（返却）\n第３条", "（返却）\n第２条"),
            7,
            "第2条が二度あります。重なった条を除くか、前の規約の終わりに日付と発出者の行があるか確かめてください。",
            id="duplicate",
        ),
        pytest.param(
            GOOD.replace("（返却）\n第３条", "第２条"),
            6,
            "第2条が二度あります。重なった条を除くか、前の規約の終わりに日付と発出者の行があるか確かめてください。",
            id="duplicate without caption",
        ),
        pytest.param(
            without(4, 5),
            5,
            "第3条の前に、第2条または第1条の2があるはずです。条の順番と、見出し（「（目的）」など）が抜けていないかを確かめてください。",
            id="gap",
        ),
        pytest.param(
            GOOD.replace("第１条", "第２条", 1),
            3,
            "第2条の前に、第1条があるはずです。条の順番と、見出し（「（目的）」など）が抜けていないかを確かめてください。",
            id="first is not 1",
        ),
        pytest.param(
            without(6),
            6,
            "第3条に見出しがありません。条の前の行に「（目的）」のような見出しを置いてください。",
            id="no caption",
        ),
        pytest.param(without(1), 1, "題名が見つかりません。「…規約」で終わる題名の行を、前文の前に置いてください。", id="no title"),
        pytest.param(
            without(10),
            10,
            "日付の行がありません。最後の条のあとに「令和○年○月○日」の行を置いてください。",
            id="no date",
        ),
        pytest.param(
            GOOD.replace("４月１日", "４月３１日"),
            10,
            "「令和5年4月31日」という日付はありません。年月日を確かめてください。",
            id="no such day",
        ),
        pytest.param(
            without(11),
            10,
            "日付の次に、発出者（「○○所長」など）の行が見つかりません。発出者のあとには、次の規約の題名か附則だけを続けてください。"
            "条の本文にある日付であれば、その行を前の行の終わりにつなげてください。",
            id="no issuer",
        ),
        pytest.param(
            GOOD + "お問い合わせは窓口へどうぞ。\n",
            10,
            "日付の次に、発出者（「○○所長」など）の行が見つかりません。発出者のあとには、次の規約の題名か附則だけを続けてください。"
            "条の本文にある日付であれば、その行を前の行の終わりにつなげてください。",
            id="words behind the issuer",
        ),
        pytest.param(
            without(11) + "\n" + GOOD,
            10,
            "日付の次に、発出者（「○○所長」など）の行が見つかりません。発出者のあとには、次の規約の題名か附則だけを続けてください。"
            "条の本文にある日付であれば、その行を前の行の終わりにつなげてください。",
            id="no issuer before the second document",
        ),
        pytest.param(
            without(10, 11) + "\n" + GOOD,
            12,
            "第1条が二度あります。重なった条を除くか、前の規約の終わりに日付と発出者の行があるか確かめてください。",
            id="no date before the second document",
        ),
    ],
)
def test_broken_text_names_the_line_and_the_remedy(text: str, line: int | None, message: str) -> None:
    assert refusal(text) == (line, message)


def test_lines_are_counted_as_an_editor_does() -> None:
    """A page break starts no line there; CR LF is one line end."""
    assert refusal("\f" + without(4, 5).replace("\n", "\r\n"))[0] == 5


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        pytest.param(b"", None, "ファイルが空です。規約の本文が入ったファイルを指定してください。", id="empty"),
        pytest.param("\ufeff \n".encode(), None, "ファイルが空です。規約の本文が入ったファイルを指定してください。", id="white"),
        pytest.param(
            b" " * (MOST_BYTES + 1),
            None,
            "ファイルが大きすぎます（1MBまで）。規約の本文だけを文字で取り出したファイルを指定してください。",
            id="large",
        ),
        pytest.param(
            b"%PDF-1.7\n",
            1,
            "PDFそのものは読み込めません。PDFから文字を取り出して、テキストファイルとして保存してください。",
            id="pdf",
        ),
        pytest.param(
            "\ufeff規約\n（目".encode() + b"\xff\xff",
            2,
            "文字コードがUTF-8でもShift_JISでもありません。UTF-8で保存し直してください。",
            id="neither encoding",
        ),
        pytest.param(
            "規約\n\n目的\x00".encode(), 3, "読み取れない文字があります。UTF-8のテキストとして保存し直してください。", id="control sign"
        ),
    ],
)
def test_broken_file_names_the_line_and_the_remedy(raw: bytes, line: int | None, message: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        decode(raw)
    assert (refused.value.line, refused.value.message) == (line, message)


def test_message_begins_with_its_line() -> None:
    assert str(ImportRefused("題名が見つかりません。", 12)) == "12行目：題名が見つかりません。"
    assert str(ImportRefused("ファイルが空です。")) == "ファイルが空です。"
