"""What manage.py works on when no DATABASE_URL says so: the demo that runs, else the demo's data, else nothing."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from toyooka_hw.demo.datadir import POSTGRES, InUse, base_environment, default_data_dir, demo_environment, locked

DEMO_COMMAND = "demo"
WITHOUT_DATABASE = frozenset(
    {"check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages", "makemigrations", "test", "version"}
)
# Their preview looks at a file only.
WITHOUT_DATABASE_WHEN_DRY = frozenset({"import_terms"})
PATIENCE_SECONDS = 15


@contextmanager
def demo_around(arguments: Sequence[str]) -> Iterator[None]:
    """Put the demo's environment around a command that has none of its own."""
    command = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    if command == DEMO_COMMAND:
        os.environ["DEMO"] = "true"
    elif not {"DATABASE_URL", "DATABASE_URL_FILE"} & os.environ.keys() and not _needs_no_database(command, arguments):
        with _borrowed_database():
            yield
        return
    yield


def _needs_no_database(command: str, arguments: Sequence[str]) -> bool:
    return command in WITHOUT_DATABASE or (command in WITHOUT_DATABASE_WHEN_DRY and "--dry-run" in arguments)


@contextmanager
def _borrowed_database() -> Iterator[None]:
    data_dir = default_data_dir()
    if running := demo_environment(data_dir):
        _use(running)
        yield
    elif (data_dir / POSTGRES / "data" / "PG_VERSION").exists():
        from toyooka_hw.demo.postgres import running_postgres  # noqa: PLC0415 - production installs no embedded servers

        try:
            with locked(data_dir, patience=PATIENCE_SECONDS), running_postgres(data_dir / POSTGRES) as database:
                _use(base_environment(data_dir) | {"DATABASE_URL": database.url})
                yield
        except InUse:
            sys.exit(f"デモのデータは、いまほかの処理が使用中です（{data_dir}）。しばらくしてからもう一度お試しください。")
    else:
        yield


def _use(environment: dict[str, str]) -> None:
    """What the environment says already stands; the demo fills in the rest."""
    for name, value in environment.items():
        os.environ.setdefault(name, value)
