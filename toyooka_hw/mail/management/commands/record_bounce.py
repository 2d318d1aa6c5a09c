import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from toyooka_hw import clock
from toyooka_hw.audit.door import through
from toyooka_hw.mail.bounces import read_report
from toyooka_hw.mail.operations import record_bounce

MOST_BYTES = 1_000_000
TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the report and comes again


class Command(BaseCommand):
    help = "Read one delivery status notification from standard input, as a mail server's pipe hands it over, and note which mail did not arrive."

    def handle(self, *args: Any, **options: Any) -> None:
        """Whatever is no such report, or means no mail of ours, is left alone: a mail server must not send it anywhere again."""
        bounce = read_report(sys.stdin.buffer.read(MOST_BYTES))
        if bounce is None:
            self.stdout.write("not a report of a mail that did not arrive")
            return
        try:
            with through("manage.py record_bounce"):
                noted = record_bounce(bounce, now=clock.now(), wall=clock.wall())
        except OperationalError as error:
            raise CommandError("the database cannot be reached", returncode=TRY_AGAIN) from error
        self.stdout.write("noted" if noted else "no mail of ours, or known already")
