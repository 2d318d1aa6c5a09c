"""``manage.py import_terms FILE``: make drafts of an official text, or (``--dry-run``) only show what the portal understands of it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.importer import MOST_BYTES, Article, Document, Item, Paragraph, as_data, decode, doubts, parse, sha256
from consent.operations import import_text
from consent.refusals import REFUSALS, told
from toyooka_hw import clock
from toyooka_hw.accounts.models import User

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Read the official text of the terms, as extracted from the office's PDF, and make a draft of each document in it. "
        "Drafts bind nobody: a second person checks them, and they are announced in the admin."
    )
    # The preview works on a file alone: no database, no environment.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="text file, UTF-8 or Shift_JIS")
        parser.add_argument("--dry-run", action="store_true", help="only show what was understood; nothing is saved")
        parser.add_argument("--json", action="store_true", help="machine-readable output, with --dry-run")
        parser.add_argument("--by", metavar="USERNAME", help="the member of staff who imports; required unless --dry-run")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        raw = _content(path)
        try:
            lines = _preview(raw, options["json"]) if options["dry_run"] else _saved(raw, path.name, options["by"])
        except REFUSALS as error:
            raise CommandError(told(error)) from error
        self.stdout.write("\n".join(lines))


def _preview(raw: bytes, as_json: bool) -> Iterable[str]:
    text = decode(raw)
    documents = parse(text)
    unsure = [f"{doubt.line}行目：{doubt.words}" for doubt in doubts(text, documents)]
    if as_json:
        data = {"sha256": sha256(raw), "documents": [as_data(document) for document in documents], "doubts": unsure}
        return [json.dumps(data, ensure_ascii=False, indent=2)]
    look = ["前の文の続きとして読み取った行（項や号の始まりでないか、正文と見比べてください）", *unsure] if unsure else []
    return [*(line for document in documents for line in _outline(document)), *look]


def _saved(raw: bytes, name: str, username: str | None) -> Iterable[str]:
    if not username:
        raise CommandError("取り込む職員を --by で指定してください（保存せずに確かめるときは --dry-run）。")
    by = User.objects.filter(username=username, is_active=True).first()
    if by is None:
        raise CommandError(f"職員「{username}」が見つかりません。")
    drafts = import_text(raw, name=name, by=by, now=clock.now())
    return [f"{draft.name}　第{draft.number}版（下書き）　条：{len(draft.articles)}" for draft in drafts]


def _content(path: Path) -> bytes:
    """The bytes of the file, or as many as show that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"「{path}」を開けません。ファイルの場所と名前を確かめてください。") from error


def _outline(document: Document) -> Iterator[str]:
    yield document.title
    yield f"  日付　　{document.date_line}（{document.date.isoformat()}）"
    yield f"  発出者　{document.issuer}"
    yield f"  前文　　{_short(document.preamble) or 'なし'}"
    yield f"  条　　　{len(document.articles)}"
    for article in document.articles:
        yield from _article(article, indent="  ")
    for supplement in (*document.supplements, *document.later_supplements):
        yield f"  {supplement.marker}{supplement.heading}"
        yield from _nodes(supplement.paragraphs, indent="    ")
        for article in supplement.articles:
            yield from _article(article, indent="    ")


def _article(article: Article, *, indent: str) -> Iterator[str]:
    yield f"{indent}{article.marker}{article.heading}{article.second_heading}"
    yield from _nodes(article.paragraphs, indent=indent + "  ")


def _nodes(nodes: Iterable[Paragraph | Item], *, indent: str) -> Iterator[str]:
    for node in nodes:
        if line := f"{node.marker} {_short(node.text)}".strip():
            yield indent + line
        yield from _nodes(node.items, indent=indent + "  ")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…（{len(line)}字）"
