"""``manage.py check_zoom``: do the credentials work, which scopes are missing, which hosts may hold meetings?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.models import Meeting, ZoomHost
from booking.operations import meetings
from toyooka_hw import clock


class Command(BaseCommand):
    help = "Ask Zoom whether the app's credentials, scopes and hosts are in order, and say in words what is not."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was found. Raises CommandError (exit code 1) where something has to be put right."""
        check = meetings.check_zoom(wall=clock.wall())
        for scope in check.missing_in_words:
            self.stdout.write(f"足りない権限：{scope}")
        hosts = ZoomHost.objects.filter(is_active=True).order_by("pk")
        for host in hosts if not check.trouble else ():
            self.stdout.write(f"{host.name}（{host.email}）：{host.get_finding_display()}")
        if check.trouble:
            ours = check.trouble == Meeting.Trouble.NOT_AUTHORISED
            todo = "Zoomのアプリの設定を確認してください。" if ours else "しばらくたってから、もう一度お試しください。"
            raise CommandError(f"{check.get_trouble_display()}。{todo}")
        if hosts.exclude(finding=ZoomHost.Finding.LICENSED).exists():
            raise CommandError("ライセンスのあるZoomユーザーを、Zoomホストに設定してください。")
        self.stdout.write("認証・権限・Zoomホストに問題はありません。")
