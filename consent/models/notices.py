"""The notice of a change, and whom it was sent to."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.versions import TermsVersion
from consent.rules import Ground
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.outbox import OutboxState


class ChangeNotice(models.Model):
    """What article 13 of C (9 of S) demands before a change: the fact, the new text, the moment of effect, the ground.

    Written once, on announcement, and never changed: the database refuses it. When and from when stand on the version.
    """

    class Ground(models.TextChoices):
        INITIAL = Ground.INITIAL.value, _("最初の公表")
        GENERAL_BENEFIT = Ground.GENERAL_BENEFIT.value, _("利用者の一般の利益に適合")
        REASONABLE = Ground.REASONABLE.value, _("目的に反せず合理的")
        INDIVIDUAL_CONSENT = Ground.INDIVIDUAL_CONSENT.value, _("個別の同意による")

    version = models.OneToOneField(TermsVersion, models.PROTECT, related_name="notice", verbose_name=_("利用規約の版"))
    ground = models.CharField(_("根拠"), max_length=20, choices=Ground)
    clause = models.CharField(_("根拠の条項"), max_length=30, blank=True)
    summary = models.TextField(_("変更の概要"))
    reason = models.TextField(_("変更の理由"), blank=True)
    bureau_url = models.URLField(_("兵庫労働局のページ"), blank=True)
    content_matches = models.BooleanField(_("内容の一致を確認"), default=False)
    announced_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("告知した職員"))

    class Meta:
        verbose_name = _("変更の告知")
        verbose_name_plural = _("変更の告知")
        constraints = [
            models.CheckConstraint(
                condition=Q(ground="initial") | Q(content_matches=True) & ~Q(summary="") & ~Q(reason="") & ~Q(bureau_url=""),
                name="notice_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.version}"

    @property
    def announced_at(self) -> datetime | None:
        return self.version.announced_at


class NoticeDelivery(models.Model):
    """The mail of a notice to one person, and what became of it, which outlives the mail itself."""

    notice = models.ForeignKey(ChangeNotice, models.PROTECT, related_name="deliveries", verbose_name=_("変更の告知"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("利用者"))
    mail_key = models.CharField(_("送信メールの用件"), max_length=100, unique=True)
    outcome = models.CharField(_("メールの状態"), max_length=10, choices=OutboxState, default=OutboxState.WANTED)
    delivered_at = models.DateTimeField(_("送信日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("告知の送付")
        verbose_name_plural = _("告知の送付")
        constraints = [models.UniqueConstraint(fields=["notice", "person"], name="one_delivery_per_person")]

    def __str__(self) -> str:
        return self.mail_key
