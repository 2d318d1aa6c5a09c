from typing import Any

from celery.signals import beat_init, celeryd_init, worker_ready
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "toyooka_hw.accounts.entrance.StaffAdminSite"


class SiteConfig(AppConfig):
    name = "toyooka_hw"
    label = "site"

    def ready(self) -> None:
        from toyooka_hw.checks import end_unsafe_start  # noqa: PLC0415 - checks register themselves once the apps are loaded

        celeryd_init.connect(end_unsafe_start)
        beat_init.connect(end_unsafe_start)
        worker_ready.connect(look_at_zoom)


def look_at_zoom(**kwargs: Any) -> None:
    """Missing scopes are better known before the first booking needs them."""
    from toyooka_hw.wake import wake  # noqa: PLC0415 - the apps are loaded by now, and not when this module is

    wake("booking.check_zoom")
