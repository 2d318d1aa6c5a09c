"""The admin site of the staff: password and second factor."""

from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminSite


class StaffAdminSite(OTPAdminSite):
    """Stock Django admin behind a second factor."""

    site_header = _("オンライン職業相談 職員用")
    site_title = _("オンライン職業相談 職員用")
    index_title = _("業務の一覧")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
