from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from toyooka_hw import clock
from toyooka_hw.accounts.links import address_of
from toyooka_hw.accounts.operations import ensure_roles
from toyooka_hw.accounts.operations.roles import SYSTEM_ADMINISTRATOR
from toyooka_hw.accounts.operations.staff import AccountTaken, invite
from toyooka_hw.audit.door import through


class Command(BaseCommand):
    help = "Invite the first system administrator of an office: mails and prints the personal link. Everybody else is invited in the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--system-administrator", metavar="EMAIL", required=True)
        parser.add_argument("--username", help="default: the mail address up to the @")
        parser.add_argument("--name", default="システム管理者", help="how pages and records call them")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["system_administrator"]
        ensure_roles()
        username = options["username"] or email.partition("@")[0]
        account = {"username": username, "display_name": options["name"], "email": email, "role": SYSTEM_ADMINISTRATOR}
        try:
            with through("manage.py invite_staff"):
                user = invite(**account, by=None, now=clock.now(), wall=clock.wall())
        except AccountTaken as error:
            raise CommandError(f"{username} or {email} already belongs to a member of staff.") from error
        self.stdout.write(address_of(user))
