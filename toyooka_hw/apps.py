from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "toyooka_hw.site.StaffAdminSite"


class SiteConfig(AppConfig):
    name = "toyooka_hw"
    label = "site"

    def ready(self) -> None:
        from toyooka_hw import checks  # noqa: F401, PLC0415 - checks register themselves once the apps are loaded
