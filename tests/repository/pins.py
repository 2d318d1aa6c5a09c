"""The pins below the direct dependencies: ``uv run python -m tests.repository.pins`` writes them into ``pyproject.toml``.

Lock files name registry hosts, so the project keeps none; the constraints hold every installed package instead, and a test compares.
"""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
TOOLS = {"pip", "setuptools", "wheel", "uv"}
BLOCK = re.compile(r"constraint-dependencies = \[\n.*?\n\]", re.DOTALL)


def plain(name: str) -> str:
    """A package name as all tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct() -> dict[str, str]:
    """Name and version of every direct dependency."""
    data = tomllib.loads(PYPROJECT.read_text())
    entries = [*data["project"]["dependencies"], *(entry for group in data["dependency-groups"].values() for entry in group)]
    return {plain(re.split(r"[\[=]", entry)[0]): entry.split("==")[1] for entry in entries}


def constrained() -> dict[str, str]:
    """Name and version of every constraint."""
    entries = tomllib.loads(PYPROJECT.read_text())["tool"]["uv"]["constraint-dependencies"]
    return {plain(entry.split("==")[0]): entry.split("==")[1] for entry in entries}


def installed() -> dict[str, str]:
    """Name and version of everything in this environment but the installers."""
    return {name: dist.version for dist in distributions() if (name := plain(dist.metadata["Name"])) not in TOOLS}


def write() -> None:
    """Pin what is installed below the direct dependencies."""
    below = {name: version for name, version in sorted(installed().items()) if name not in direct()}
    block = "\n".join(["constraint-dependencies = [", *(f'    "{name}=={version}",' for name, version in below.items()), "]"])
    PYPROJECT.write_text(BLOCK.sub(block, PYPROJECT.read_text()))


if __name__ == "__main__":
    write()
