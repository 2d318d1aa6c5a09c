"""Who takes part in a booking, and how the access code reached them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.bookings import Booking
from consent.models import Consent
from toyooka_hw.accounts.models import Person, Role, User


class Participant(models.Model):
    """A person in a booking, with the consent under which they take part and their own presence."""

    class PartRole(models.TextChoices):
        JOB_SEEKER = "job_seeker", _("求職者")
        EMPLOYER = "employer", _("求人者")

        @classmethod
        def of(cls, person: Person) -> "Participant.PartRole":
            """As what this person takes part."""
            return cls.EMPLOYER if person.role == Role.EMPLOYER_CONTACT else cls.JOB_SEEKER

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="participants", verbose_name=_("予約"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("利用者"))
    role = models.CharField(_("立場"), max_length=12, choices=PartRole, default=PartRole.JOB_SEEKER)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+", verbose_name=_("同意の記録"))
    first_joined_at = models.DateTimeField(_("最初の入室"), null=True, blank=True)
    identity_checked_at = models.DateTimeField(_("本人確認"), null=True, blank=True)
    identity_checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("本人確認をした職員")
    )

    class Meta:
        verbose_name = _("参加者")
        verbose_name_plural = _("参加者")
        constraints = [
            models.CheckConstraint(
                condition=Q(identity_checked_at=None, identity_checked_by=None)
                | Q(identity_checked_at__isnull=False, identity_checked_by__isnull=False),
                name="identity_checked_by_somebody",
            ),
            models.UniqueConstraint(fields=["booking", "person"], name="person_once_per_booking"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class CodeDelivery(models.Model):
    """An attempt to tell somebody the access code of a session: by whom, when, by which route, with which result. Never the code itself.

    Append-only (C6-2-3a, C6-2-3b).
    """

    class Route(models.TextChoices):
        JOB_SEEKER_MYPAGE = "job_seeker_mypage", _("求職者マイページ")
        EMPLOYER_MYPAGE = "employer_mypage", _("求人者マイページ")
        CALLBACK_PHONE = "callback_phone", _("折り返し電話")

    class Result(models.TextChoices):
        TOLD = "told", _("お伝えした")
        NO_ANSWER = "no_answer", _("不在")
        WRONG_PERSON = "wrong_person", _("別の方")

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="code_deliveries", verbose_name=_("参加者"))
    route = models.CharField(_("方法"), max_length=20, choices=Route)
    result = models.CharField(_("結果"), max_length=14, choices=Result, default=Result.TOLD)
    at = models.DateTimeField(_("日時"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("伝えた職員"))

    class Meta:
        verbose_name = _("アクセスコードの伝達")
        verbose_name_plural = _("アクセスコードの伝達")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(route="callback_phone") | Q(result="told"), name="only_calls_can_fail"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_route_display()}"
