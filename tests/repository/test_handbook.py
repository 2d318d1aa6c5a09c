"""The counsellor's handbook: what it points to is there. ``tests/pictures.py`` takes the pictures."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "counsellors-handbook.md").read_text()


def test_every_picture_that_is_named_exists_and_no_other() -> None:
    named = set(re.findall(r"!\[[^\]]+\]\((pictures/[^)]+)\)", TEXT))
    assert named == {path.relative_to(DOCS).as_posix() for path in (DOCS / "pictures" / "handbook").glob("*.png")}


def test_every_chapter_of_the_contents_exists() -> None:
    chapters = {re.sub(r"[、。]", "", title).replace(" ", "-") for title in re.findall(r"^## (.+)$", TEXT, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) == chapters


def test_every_picture_is_taken_by_the_script() -> None:
    script = (DOCS.parent / "tests" / "pictures.py").read_text()
    assert {name for name in re.findall(r"handbook/(\w+)\.png", TEXT) if f'"{name}"' not in script} == set()
