"""``manage.py restore FILE``: the dump into a new, empty database, checked, and made fit to be worked with."""

from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from booking.operations.restoring import come_back
from toyooka_hw import clock
from toyooka_hw.backup import BackupFailed, bring_back


def moment(text: str) -> datetime:
    """A moment with its offset."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ArgumentTypeError(f"{text} has no offset; write +09:00 behind it.")
    return found


class Command(BaseCommand):
    help = (
        "Restore FILE, a dump of manage.py backup, into the new and empty database of DATABASE_URL, as its owner, while neither web, worker nor "
        "beat run. What was perhaps sent already is held back for staff. Then: ensure_roles, grant_app_role."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--stopped-at",
            metavar="MOMENT",
            type=moment,
            help="until when the old server worked, as 2027-04-08T12:30+09:00; what fell due later is sent as usual (default: until now)",
        )

    def handle(self, *args: Any, file: Path, stopped_at: datetime | None, **options: Any) -> None:
        try:
            contents = bring_back(file)
        except BackupFailed as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write(f"{sum(contents.rows.values())} rows in {len(contents.rows)} tables, as dumped at {contents.taken_at}.")
        call_command("migrate", verbosity=0)  # the dump may be older than this version
        restored = come_back(stopped_at=stopped_at or clock.now(), wall=clock.wall())
        self.stdout.write(f"{restored.mails} mails wait for staff on 今日; {restored.meetings} meetings are compared with Zoom.")
