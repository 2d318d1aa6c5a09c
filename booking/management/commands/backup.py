"""``manage.py backup FOLDER``: a dump of the database and the list of what is in it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from toyooka_hw import clock
from toyooka_hw.backup import BackupFailed, dump


class Command(BaseCommand):
    help = "Dump the database into a new file of FOLDER while the portal works. Run it as the owner of the tables; keep FOLDER encrypted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        try:
            self.stdout.write(str(dump(folder, wall=clock.wall())))
        except BackupFailed as failure:
            raise CommandError(str(failure)) from failure
