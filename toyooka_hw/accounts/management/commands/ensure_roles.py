from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from toyooka_hw.accounts.operations import ROLES, ensure_roles
from toyooka_hw.accounts.operations.roles import matrix


class Command(BaseCommand):
    help = "Create the groups of staff, or bring their permissions up to date. Safe to run again after every upgrade."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--table", action="store_true", help="only print who may do what, for docs/roles.md")

    def handle(self, *args: Any, table: bool, **options: Any) -> None:
        if table:
            self.stdout.write(matrix())
            return
        ensure_roles()
        self.stdout.write("、".join(ROLES))
