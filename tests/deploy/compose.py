"""``docker-compose.yml`` and ``Dockerfile`` as tests read them."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(re.sub(r"(?<!\$)\$\{\w+:-([^}]*)\}", r"\1", TEXT))  # as with an empty .env
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_PORTAL = ("web", "worker", "beat", "migrate", "backup")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = (ROOT / "toyooka_hw" / "settings.py").read_text()


def settings_read() -> set[str]:
    """Every variable that the settings read."""
    return set(re.findall(r'env\.\w+\(\s*"(\w+)"', SETTINGS))


def scripts_read() -> set[str]:
    """Every variable that the scripts and files of ``deploy/`` read."""
    files = [path for path in (ROOT / "deploy").iterdir() if path.is_file() and path.suffix not in (".env", ".conf", ".sql")]
    text = "\n".join(path.read_text() for path in files)
    found = re.findall(r'\$\{(\w+)[:}]|"\$([A-Z_]+)"|os\.environ(?:\.get\(|\[)"(\w+)"', text)
    return {name for groups in found for name in groups if name}


def interpolated() -> set[str]:
    """Every variable that Compose itself puts into the file."""
    return set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))


def named_by(service: str) -> set[str]:
    """The settings this service is given, whether as a value or in a file."""
    return {name.removesuffix("_FILE") for name in SERVICES[service]["environment"]}


def stages() -> dict[str, str]:
    """Name and instructions of every stage of the image, the last one last."""
    parts = re.split(r"^FROM (\S+) AS (\w[\w-]*)$", DOCKERFILE, flags=re.MULTILINE)
    return {parts[at + 1]: f"FROM {parts[at]}\n{parts[at + 2]}" for at in range(1, len(parts), 3)}
