from typing import Any

from django.core.management.base import BaseCommand

from toyooka_hw.accounts.operations import ROLES, ensure_roles


class Command(BaseCommand):
    help = "Create the groups of staff (相談員, 管理者), or bring their permissions up to date. Safe to run again after every upgrade."

    def handle(self, *args: Any, **options: Any) -> None:
        ensure_roles()
        self.stdout.write("、".join(ROLES))
