from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "toyooka_hw.audit"
    verbose_name = "監査"
