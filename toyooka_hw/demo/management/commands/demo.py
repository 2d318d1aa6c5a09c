from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from toyooka_hw.demo.datadir import InUse, default_data_dir
from toyooka_hw.demo.processes import PartFailed
from toyooka_hw.demo.supervisor import DEFAULT_PORT, Plan, run


class Command(BaseCommand):
    help = "Run the whole portal on this machine: database, broker, simulated Zoom, mail, web and workers. Ctrl-C stops it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help=f"port of the portal (default {DEFAULT_PORT}, or the next free one)")
        parser.add_argument("--data-dir", type=Path, help="where the demo keeps its data (default .demo in the project)")
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away and begin again")

    def handle(self, *args: Any, **options: Any) -> None:
        data_dir = (options["data_dir"] or default_data_dir()).expanduser().resolve()
        try:
            run(Plan(data_dir, port=options["port"], reset=options["reset"]), say=self._say)
        except InUse as refused:
            raise CommandError(f"このデータフォルダーでは、デモがすでに動いています: {data_dir}") from refused
        except (PartFailed, OSError) as failure:
            raise CommandError(str(failure)) from failure

    def _say(self, words: str) -> None:
        self.stdout.write(words, ending="")
        self.stdout.flush()
