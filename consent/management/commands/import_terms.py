"""``manage.py import_terms FILE --dry-run``: what the portal understands of an official text, before anything is kept."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.importer import MOST_BYTES, Article, Document, ImportRefused, Item, Paragraph, as_data, decode, parse, sha256

SHOWN = 40


class Command(BaseCommand):
    help = "Read the official text of the terms, as extracted from the office's PDF, and show what was understood."
    # The preview works on a file alone: no database, no environment.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="text file, UTF-8 or Shift_JIS")
        parser.add_argument("--dry-run", action="store_true", required=True, help="only show what was understood")
        parser.add_argument("--json", action="store_true", help="machine-readable output")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = _content(Path(options["file"]))
        try:
            documents = parse(decode(raw))
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            data = {"sha256": sha256(raw), "documents": [as_data(document) for document in documents]}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n\n".join("\n".join(_outline(document)) for document in documents))


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
        yield from _article(article)


def _article(article: Article) -> Iterator[str]:
    yield f"  {article.marker}{article.heading}{article.second_heading}"
    yield from _nodes(article.paragraphs, indent="    ")


def _nodes(nodes: Iterable[Paragraph | Item], *, indent: str) -> Iterator[str]:
    for node in nodes:
        if line := f"{node.marker} {_short(node.text)}".strip():
            yield indent + line
        yield from _nodes(node.items, indent=indent + "  ")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…（{len(line)}字）"
