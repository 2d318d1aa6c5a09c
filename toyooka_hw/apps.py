from celery.signals import beat_init, celeryd_init
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "toyooka_hw.accounts.entrance.StaffAdminSite"


class SiteConfig(AppConfig):
    name = "toyooka_hw"
    label = "site"

    def ready(self) -> None:
        from toyooka_hw.checks import refuse_unsafe_start  # noqa: PLC0415 - checks register themselves once the apps are loaded

        celeryd_init.connect(refuse_unsafe_start)
        beat_init.connect(refuse_unsafe_start)
