from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "toyooka_hw.mail"
    label = "mail"
    verbose_name = _("送信メール")
