"""Rules of the source that keep whole kinds of weakness out, and the page that says which test shows what (docs/security.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import URLPattern, get_resolver

from tests.repository.test_access import patterns as flat

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
ITEMS = [
    "SQL injection",
    "OS command injection",
    "Path traversal",
    "Session management",
    "Cross-site scripting",
    "CSRF",
    "HTTP header injection",
    "Mail header injection",
    "Clickjacking",
    "Buffer overflow",
    "Access control",
]


def sources(*, demo: bool = False) -> Iterator[tuple[str, ast.Module]]:
    """Every module of ours, parsed. The demo's supervisor starts programs and production does not run it."""
    for folder in ("toyooka_hw", "booking", "consent"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if demo or not name.startswith("toyooka_hw/demo/"):
                yield name, ast.parse(path.read_text())


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Name and call of everything that is called, the last part of a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def imported(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_sql_is_written_by_hand_in_few_places_and_never_put_together() -> None:
    """Item 1: a statement is a constant, or psycopg composes it of identifiers; whatever varies is a parameter."""
    hands = {"execute", "executemany", "raw", "extra", "RawSQL"}
    found = {}
    for name, tree in sources():
        if "/migrations/" not in name:
            statements = [call.args[0] for called, call in calls(tree) if called in hands and call.args]
            if statements:
                found[name] = {type(each).__name__ for each in statements}
    assert found == {
        "booking/middleware.py": {"Constant"},
        "booking/operations/numbers.py": {"Name"},
        "booking/operations/places.py": {"Constant"},
        "booking/queries/situation.py": {"Name"},
        "consent/management/commands/grant_app_role.py": {"Call", "Name"},
        "consent/queries/merged.py": {"Name"},
        "consent/queries/notices.py": {"Name"},
        "toyooka_hw/backup.py": {"Call", "Constant", "Name"},
        "toyooka_hw/ready.py": {"Constant"},
    }


def test_only_the_operators_own_commands_start_a_program_and_no_shell() -> None:
    """Item 2: there is no shell to inject anything into; PostgreSQL's programs are started by two commands that no page reaches."""
    programs = {"subprocess", "pty", "shlex", "commands", "multiprocessing"}
    assert {name for name, tree in sources() if imported(tree) & programs} == {"toyooka_hw/backup.py"}
    who = {name for name, tree in sources() if "toyooka_hw.backup" in imported(tree)}
    assert who == {"booking/management/commands/backup.py", "booking/management/commands/restore.py"}
    assert {name for name, tree in sources() for _called, call in calls(tree) if "shell" in {word.arg for word in call.keywords}} == set()
    starters = {"system", "popen", "execv", "execve", "spawnl"}
    assert {(name, called) for name, tree in sources() for called, _call in calls(tree) if called in starters} == set()
    evaluated = {
        name for name, tree in sources() for called, call in calls(tree) if isinstance(call.func, ast.Name) and called in ("eval", "exec")
    }
    assert evaluated == set()


def test_nothing_is_unpickled() -> None:
    assert {name for name, tree in sources() if imported(tree) & {"pickle", "marshal", "shelve", "yaml"}} == set()


def test_files_are_opened_in_known_places_and_none_is_kept_from_outside() -> None:
    """Item 3: no address and no form names a file; the one upload is read in memory, as text."""
    openers = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "iterdir"}
    found = {name for name, tree in sources() for called, _call in calls(tree) if called in openers and "/migrations/" not in name}
    assert found == {"booking/admin/samples.py", "consent/management/commands/import_terms.py", "toyooka_hw/backup.py"}
    ours = [model for label in ("accounts", "audit", "mail", "consent", "booking") for model in apps.get_app_config(label).get_models()]
    assert [model for model in ours for field in model._meta.fields if isinstance(field, models.FileField)] == []
    readers = {name for name, tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "FILES"}
    assert readers == {"consent/admin/pages.py"}


def test_markup_is_never_declared_safe_but_where_it_is_ours() -> None:
    """Item 5: constants only; templates of mails and letters are plain text, and no page switches escaping off."""
    declared = [(name, call.args[0]) for name, tree in sources() for called, call in calls(tree) if called in ("mark_safe", "SafeString")]
    assert [(name, getattr(argument, "value", argument)) for name, argument in declared] == [("booking/admin/bookings.py", "<br>")]
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "toyooka_hw").rglob("templates/**/*.html")]
    loose = re.compile(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off")
    assert [path.name for path in templates if loose.search(path.read_text())] == []
    assert len(templates) > 100


def test_only_zoom_sends_without_the_token_of_a_form() -> None:
    """Item 6: its signature takes the place of the token."""
    found: list[URLPattern] = [*flat(get_resolver().url_patterns), *flat(admin.site.urls[0])]
    exempt = {str(each.name) for each in found if getattr(each.callback, "csrf_exempt", False)}
    assert exempt == {"zoom_webhook"}
    assert len(found) > 150


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_has_what_shows_it_or_a_reason(item: str) -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith("|") and item in line.split("|")[2]]
    shown = line.split("|")[4]
    assert re.search(r"`tests/[\w/]+\.py(::\w+)?`", shown) or shown.strip().startswith("Reason:")


def test_items_are_those_of_the_list_in_its_order() -> None:
    numbered = re.findall(r"^\| (\d+) \| ([^|]+?) \|", PAGE, re.MULTILINE)
    assert numbered == [(str(number), item) for number, item in enumerate(ITEMS, start=1)]


def test_every_check_is_explained() -> None:
    in_source = set(re.findall(r"HW\.E\d{3}", (ROOT / "toyooka_hw" / "checks.py").read_text()))
    assert set(re.findall(r"`(HW\.E\d{3})`", PAGE)) == in_source


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_test_that_is_named_exists(file: str, name: str) -> None:
    assert (ROOT / file).is_file()
    assert not name or re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
