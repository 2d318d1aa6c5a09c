"""The official text, as extracted from the office's PDF, made into documents, articles, paragraphs and items. Pure.

Wording is never changed: white space apart, the pieces of what ``parse`` returns are the text that was read, and it proves so.
"""

from consent.importer.documents import Article, Document, Item, Paragraph, Supplement, as_data, pieces
from consent.importer.doubts import Doubt, doubts
from consent.importer.parsing import parse
from consent.importer.reading import MOST_BYTES, ImportRefused, decode, sha256

__all__ = [
    "MOST_BYTES",
    "Article",
    "Document",
    "Doubt",
    "ImportRefused",
    "Item",
    "Paragraph",
    "Supplement",
    "as_data",
    "decode",
    "doubts",
    "parse",
    "pieces",
    "sha256",
]
