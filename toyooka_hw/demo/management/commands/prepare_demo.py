from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from toyooka_hw import clock
from toyooka_hw.demo.operations import NotADemo, open_story


class Command(BaseCommand):
    help = "Bring the demo's database up to date: tables, the story's clock, and what it begins with. Harmless to run again."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        try:
            open_story(wall=clock.wall())
        except NotADemo as refused:
            raise CommandError("This database has staff in it and was never a demo's: nothing is written to it.") from refused
        call_command("seed_demo")
