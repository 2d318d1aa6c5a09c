"""``manage.py import_terms FILE --dry-run`` needs a file and nothing else: no database, no environment."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consent.importer import as_data, decode, parse, sha256
from tests.consent.terms_texts import INVENTED

ROOT = Path(__file__).resolve().parents[2]


def shown(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_terms", str(file), "--dry-run", *options, stdout=out)
    return out.getvalue()


def test_preview_as_data_needs_no_environment() -> None:
    command = [sys.executable, "manage.py", "import_terms", str(INVENTED), "--dry-run", "--json"]
    outcome = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, check=True)
    raw = INVENTED.read_bytes()
    documents = [as_data(document) for document in parse(decode(raw))]
    assert json.loads(outcome.stdout) == {"sha256": sha256(raw), "documents": documents, "doubts": []}


def test_preview_for_people_shows_what_was_understood(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("会の規約\n（道具）\n第１条 次のとおり。\n(1) 糸\n① 白い\n色の糸\n令和６年１月９日\n会長\n", encoding="cp932")
    assert shown(file).splitlines() == [
        "会の規約",
        "  日付　　令和６年１月９日（2024-01-09）",
        "  発出者　会長",
        "  前文　　なし",
        "  条　　　1",
        "  第１条（道具）",
        "    次のとおり。",
        "      (1) 糸",
        "        ① 白い色の糸",
    ]


def test_preview_tells_which_lines_to_look_at_again(tmp_path: Path) -> None:
    """A number without a space behind it, a bullet the importer does not know, an item out of turn; never what a sentence counts."""
    file = tmp_path / "terms.txt"
    body = (
        "（道具）\n第１条 糸を使う。\n２針を使う。\n○布を使う。\n(3) 綿を使う。\n３年間使う。\nアイロンを使う。\n令和６年１月９日\n会長\n"
    )
    file.write_text(f"会の規約\n{body}")
    assert shown(file).splitlines()[-4:] == [
        "前の文の続きとして読み取った行（項や号の始まりでないか、正文と見比べてください）",
        "4行目：２針を使う。",
        "5行目：○布を使う。",
        "6行目：(3)綿を使う。",
    ]


def test_preview_names_articles_in_their_own_order_of_words() -> None:
    heads = [line.strip() for line in shown(INVENTED).splitlines() if line.startswith("  第")]
    assert heads[2:4] == ["第３条（申込み等）（予約による参加・町民）", "第３条の２（当日の参加・町民又は団体）"]


def test_refusal_is_the_importer_s_own(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("前文だけです。\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"^1行目：題名が見つかりません。「…規約」で終わる題名の行を、前文の前に置いてください。$"):
        shown(file)


def test_file_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes(b"\n" * 10_000_000)
    with pytest.raises(CommandError, match=r"^ファイルが大きすぎます（1MBまで）。"):
        shown(file)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"を開けません。ファイルの場所と名前を確かめてください。$"):
        shown(tmp_path / "nowhere.txt")
