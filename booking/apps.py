from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingConfig(AppConfig):
    name = "booking"
    verbose_name = _("オンライン職業相談")

    def ready(self) -> None:
        """Mails know nothing of bookings: whether one still tells what is so is asked here."""
        from booking.mails import why_not_sent  # noqa: PLC0415 - models are there only when the apps are ready
        from booking.queries import is_outdated_mail  # noqa: PLC0415 - as above
        from toyooka_hw.mail.operations import ask_before_again, ask_before_sending  # noqa: PLC0415 - as above

        ask_before_again(is_outdated_mail)
        ask_before_sending(why_not_sent)
