"""What employers ask the office for."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import Person

MAIL_PREFIX = "employer-request:"


class EmployerRequest(models.Model):
    """What an employer's contact asks the office for: one session, or a series of them with one overview (C0-1, A18).

    Its sessions are bookings of the kind ``interview``; how far it has come is told by them alone. ``candidates``: one to three starts.
    """

    class Purpose(models.TextChoices):
        INTERVIEW = "interview", _("オンライン面接")
        MANAGED_SELECTION = "managed_selection", _("管理選考")
        CONSULTATION = "consultation", _("求人についての相談")

    number = models.CharField(_("受付番号"), max_length=12, unique=True)
    contact = models.ForeignKey(Person, models.PROTECT, related_name="employer_requests", verbose_name=_("人事担当者"))
    purpose = models.CharField(_("ご用件"), max_length=20, choices=Purpose)
    job_offer_number = models.CharField(_("求人番号"), max_length=14, blank=True)
    people = models.PositiveSmallIntegerField(_("人数"), default=1)
    candidates = ArrayField(models.DateTimeField(), verbose_name=_("希望日時"))
    arrangement = models.TextField(_("ハローワークに依頼したいこと"), blank=True)
    companion = models.TextField(_("通訳・介助者などの同席"), blank=True)
    requested_at = models.DateTimeField(_("申込日時"))
    key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("求人者からの依頼")
        verbose_name_plural = _("求人者からの依頼")
        constraints = [models.CheckConstraint(condition=Q(people__gte=1, people__lte=20), name="one_to_twenty_people")]

    def __str__(self) -> str:
        return f"{self.number} {self.get_purpose_display()}"

    @property
    def audit_name(self) -> str:
        return self.number

    def mail_key(self, about: str) -> str:
        """The name of a mail about the whole request; ``about`` tells it from the request's other mails."""
        return f"{MAIL_PREFIX}{self.pk}:{about}"


def about_expiry(limit: datetime) -> str:
    """What the mail about the sessions that nobody arranged until this limit is told by: there is one about all of them."""
    return f"expired:{limit.timestamp():.0f}"
