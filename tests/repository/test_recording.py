"""Every operation that names who does it leads to an entry in the audit: found by reading the code, so no test has to press it (C7-1).

``tests/audited.py`` watches what is pressed; this page finds what nobody presses.
"""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORD = "toyooka_hw.audit.operations.record"
APPS = ("booking", "consent", "toyooka_hw/accounts", "toyooka_hw/mail")
# Name who does it, and write nothing themselves.
NOTHING_WRITTEN = {"booking.operations.delivery.check_way_in", "booking.operations.registrations.looked_up"}


def sources() -> dict[str, str]:
    """The text of every module of operations, by its name."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "operations" in path.with_suffix("").parts]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text() for path in files}


def names_of(tree: ast.Module, module: str) -> dict[str, str]:
    """What each name of the module stands for."""
    found = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def used_in(function: ast.FunctionDef, names: Mapping[str, str]) -> set[str]:
    """The full names of everything the function mentions."""
    found = {names[node.id] for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in names}
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found.add(f"{names[node.value.id]}.{node.attr}")
    return found


def unrecorded(modules: Mapping[str, str]) -> set[str]:
    """The public operations that take who does it (``by``, or something that carries it) and never come to the audit."""
    trees = {module: ast.parse(text) for module, text in modules.items()}
    names = {module: names_of(tree, module) for module, tree in trees.items()}
    functions = {
        f"{module}.{node.name}": (module, node) for module, tree in trees.items() for node in tree.body if isinstance(node, ast.FunctionDef)
    }
    exported = {f"{module}.{name}": meant for module, known in names.items() for name, meant in known.items()}
    uses = {name: {exported.get(each, each) for each in used_in(node, names[module])} for name, (module, node) in functions.items()}
    recorded = reaching(uses)
    bearers = {node.name for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and carries(node)}
    asked = {name for name, (_, node) in functions.items() if not node.name.startswith("_") and takes_by(node, bearers)}
    return asked - recorded


def reaching(uses: Mapping[str, Iterable[str]]) -> set[str]:
    """Every function from which a way leads to the audit."""
    found = {RECORD}
    while more := {name for name, used in uses.items() if name not in found and found.intersection(used)}:
        found |= more
    return found


def carries(node: ast.ClassDef) -> bool:
    return any(isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id == "by" for line in node.body)


def takes_by(node: ast.FunctionDef, bearers: set[str]) -> bool:
    given = [*node.args.args, *node.args.kwonlyargs]
    return any(each.arg == "by" or (isinstance(each.annotation, ast.Name) and each.annotation.id in bearers) for each in given)


def test_every_operation_of_staff_comes_to_the_audit() -> None:
    assert unrecorded(sources()) == NOTHING_WRITTEN


def test_operation_that_forgets_is_found() -> None:
    modules = {
        "a": "from toyooka_hw.audit import operations as audit\n"
        "def note(by): audit.record(by)\n"
        "class Order:\n    by: int\n"
        "def forgets(*, by): pass\n"
        "def forgets_too(order: Order): pass\n"
        "def _inner(*, by): pass\n",
        "b": "from a import note\ndef direct(*, by): note(by)\ndef later(*, by): return lambda: direct(by=by)\n",
    }
    assert unrecorded(modules) == {"a.forgets", "a.forgets_too"}
