"""House rules as tests: what the architecture decides, a tool enforces."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from booking.rules.lifecycle import Kind, diagram
from tests.repository import pins
from toyooka_hw.celery import app

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("toyooka_hw", "booking", "consent")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_point_down() -> None:
    outcome = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert outcome.returncode == 0, outcome.stdout


def test_every_module_of_the_site_package_has_a_layer() -> None:
    """``exhaustive`` works inside the apps; the list of the site package is held here."""
    modules = {path.stem for path in (ROOT / "toyooka_hw").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    layered = set(re.findall(r"toyooka_hw\.(\w+)", (ROOT / ".importlinter").read_text()))
    assert modules - {"__init__"} == layered


def test_lint_and_format_are_clean() -> None:
    ruff = str(Path(sys.executable).parent / "ruff")
    check, layout = run(ruff, "check", "."), run(ruff, "format", "--check", ".")
    assert (check.returncode, layout.returncode) == (0, 0), check.stdout + layout.stdout


def test_types_are_clean() -> None:
    outcome = run(str(Path(sys.executable).parent / "mypy"))
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_beat_table_names_every_sweep_and_nothing_else() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.split(".")[0] in {"accounts", "mail", "consent", "booking"}}
    woken = {"mail.deliver", "booking.ensure_meeting", "booking.handle_notice"}
    assert set(app.conf.beat_schedule) == ours - woken


def test_tasks_are_under_ten_lines() -> None:
    app.loader.import_default_modules()
    import inspect

    long = {
        name: count
        for name, task in app.tasks.items()
        if name.split(".")[0] in {"accounts", "mail", "consent", "booking"}
        and (count := len(inspect.getsource(task.run).splitlines())) > 11
    }
    assert long == {}


def test_every_template_is_used() -> None:
    text = "\n".join(
        path.read_text()
        for folder in (*SOURCES, "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
    )
    by_django = {"400.html", "403.html", "404.html", "500.html", "403_csrf.html"}
    templates = {path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file()}
    mails = {name for name in templates if name.startswith("mail/") and re.search(r"\.(subject|body)\.txt$", name)}
    overridden = {name for name in templates if name.startswith("admin/")}
    unused = {name for name in templates - by_django - mails - overridden if f'"{name}"' not in text and f"'{name}'" not in text}
    assert unused == set()
    # mails of other kinds of sessions than reservations stand under a prefix: see booking.mails
    events = {name: re.sub(r"^mail/(immediate_|interview_)?", "", name).split(".")[0] for name in mails}
    unsent = {name for name, event in events.items() if f'"{event}"' not in text}
    assert unsent == set()


def test_every_dependency_has_a_reason_and_a_pin() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    reasons = {
        line.split('"')[1].split("==")[0].split("[")[0]: line.partition('",')[2].strip()
        for line in lines
        if re.match(r'\s+"[\w.\[\],-]+==', line)
    }
    assert [name for name in pins.direct() if not reasons.get(name, "").startswith("# ")] == []


def test_what_is_installed_is_what_is_pinned() -> None:
    """Direct dependencies and constraints hold everything; ``tests/repository/pins.py`` writes the latter."""
    wanted = {**pins.direct(), **pins.constrained()}
    assert {name: version for name, version in pins.installed().items() if wanted.get(name) != version} == {}


def test_nothing_names_a_registry_or_a_path_of_a_machine() -> None:
    tracked = run("git", "ls-files").stdout.split()
    suspicious = re.compile(r"https?://[^\s\"']*/simple\b|--(?:extra-)?index-url|/root/|/home/[a-z]")
    found = {
        name
        for name in tracked
        if (ROOT / name).suffix in {".py", ".md", ".toml", ".yml", ".txt", ".html"} and suspicious.search((ROOT / name).read_text())
    }
    assert found <= {"tests/repository/test_house_rules.py"}
    assert "uv.lock" not in tracked


def test_diagrams_of_the_docs_are_fresh() -> None:
    page = (ROOT / "docs" / "lifecycle.md").read_text()
    assert [kind for kind in Kind if diagram(kind).strip() not in page] == []


def paired_fields() -> list[tuple[type[models.Model], str]]:
    ours = [model for name in ("accounts", "consent", "booking") for model in apps.get_app_config(name).get_models()]
    names = {model: {field.name for field in model._meta.fields} for model in ours}
    return [
        (model, name[:-3])
        for model, fields in names.items()
        for name in sorted(fields)
        if name.endswith("_by") and f"{name[:-3]}_at" in fields
    ]


@pytest.mark.parametrize(("model", "stem"), paired_fields())
def test_who_and_when_are_tied_together(model: type[models.Model], stem: str) -> None:
    """Where a row says who, it says when: both required, or a check constraint ties them."""
    who, when = model._meta.get_field(f"{stem}_by"), model._meta.get_field(f"{stem}_at")
    conditions = " ".join(str(item.condition) for item in model._meta.constraints if isinstance(item, models.CheckConstraint))
    assert not (who.null or when.null) or (f"{stem}_by" in conditions) or not when.null


BLIND = {"content", "is_checked", "is_disabled", "is_enabled", "is_hidden", "is_visible", "title"}
ROWS_TOO = {"all", "count"}  # of a query as well
READ_ONCE = {"get_attribute", "inner_html", "inner_text", "input_value", "text_content"}


def hasty(source: str) -> list[str]:
    """What a browser test asks of a page that may still be on its way: asked once, and not again when the answer is old."""
    tree = ast.parse(source)
    asserted = {id(node) for claim in ast.walk(tree) if isinstance(claim, ast.Assert) for node in ast.walk(claim)}

    def rash(node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute) and node.attr == "url":
            return id(node) in asserted
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return False
        name, of = node.func.attr, ast.unparse(node.func.value)
        return name in BLIND or (name in ROWS_TOO and "objects" not in of) or (name in READ_ONCE and id(node) in asserted)

    return [ast.unparse(node) for node in ast.walk(tree) if rash(node)]


def test_browser_tests_wait_for_what_they_claim() -> None:
    """``expect(...)`` asks until it is so; only ``source`` of the conftest may look once, at a page that is there as a whole."""
    assert hasty("assert page.get_by_text('済').count() == 1") == ["page.get_by_text('済').count()"]
    assert hasty("assert page.url.endswith('/today/')") == ["page.url"]
    assert hasty("expect(page).to_have_url('/today/')") == []
    files = sorted((ROOT / "tests" / "browser").glob("test_*.py"))
    assert files
    assert {path.name: found for path in files if (found := hasty(path.read_text()))} == {}


def test_modules_stay_small() -> None:
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}
