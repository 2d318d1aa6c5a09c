from typing import Any

from django.core.management.base import BaseCommand

from toyooka_hw import clock
from toyooka_hw.demo.seed import seed


class Command(BaseCommand):
    help = "Fill the demo's database with an office at work; harmless to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        seed(now=clock.now(), wall=clock.wall())
