"""What people agreed to, refused and took back. Append-only: the database refuses changes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models.versions import TermsDocument, TermsVersion
from toyooka_hw.accounts.models import Person, User


class Method(models.TextChoices):
    CHECKBOX = "checkbox", _("画面で同意")
    DEEMED_APPLICATION = "deemed_application", _("申込みによるみなし同意")
    DEEMED_USE = "deemed_use", _("利用によるみなし同意")
    STAFF_PHONE = "staff_phone", _("電話での説明と同意")
    STAFF_COUNTER = "staff_counter", _("窓口での説明と同意")
    IN_SESSION = "in_session", _("相談中の説明と同意")


class Consent(models.Model):
    """Evidence that a person agreed to one version, or refused to (``agreed`` False). Append-only (C0-2, C0-3, C4-2, C6-2-2)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents", verbose_name=_("利用者"))
    version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="consents", verbose_name=_("利用規約の版"))
    content_sha256 = models.CharField(_("本文のSHA-256"), max_length=64)
    method = models.CharField(_("方法"), max_length=20, choices=Method)
    label = models.TextField(_("表示した文言"))
    language = models.CharField(_("表示した言語"), max_length=10, default="ja")
    zoom_terms_url = models.URLField(_("確認したZoomの規約"), blank=True)
    zoom_stated_at = models.DateTimeField(_("Zoomの規約への同意日時"), null=True, blank=True)
    bureau_confirmed_at = models.DateTimeField(_("労働局のページの確認日時"), null=True, blank=True)
    agreed = models.BooleanField(_("同意"), default=True)
    shown_at = models.DateTimeField(_("表示日時"))
    agreed_at = models.DateTimeField(_("回答日時"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("記録した職員"))
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("もとの同意"))

    class Meta:
        verbose_name = _("同意の記録")
        verbose_name_plural = _("同意の記録")
        indexes = [models.Index(fields=["person", "version"], name="consent_of_person")]
        constraints = [
            models.CheckConstraint(condition=Q(agreed_at__gte=models.F("shown_at")), name="consent_after_showing"),
            models.CheckConstraint(
                condition=~Q(method__in=[Method.STAFF_PHONE, Method.STAFF_COUNTER, Method.IN_SESSION]) | Q(recorded_by__isnull=False),
                name="consent_by_staff_names_staff",
            ),
            models.CheckConstraint(condition=Q(zoom_stated_at=None) | ~Q(zoom_terms_url=""), name="consent_zoom_names_address"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.version}"


class ConsentWithdrawal(models.Model):
    """A person takes consent to a document back. Append-only; later consents count again."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="withdrawals", verbose_name=_("利用者"))
    document = models.ForeignKey(TermsDocument, models.PROTECT, related_name="+", verbose_name=_("利用規約"))
    withdrawn_at = models.DateTimeField(_("撤回日時"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("記録した職員"))

    class Meta:
        verbose_name = _("同意の撤回")
        verbose_name_plural = _("同意の撤回")

    def __str__(self) -> str:
        return f"#{self.pk}"


class MinistryRecord(models.Model):
    """Staff recorded the consent in the ministry's system (ハローワークシステム, C6-2-1b, A4). Append-only."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="ministry_records", verbose_name=_("利用者"))
    document = models.ForeignKey(TermsDocument, models.PROTECT, related_name="+", verbose_name=_("利用規約"))
    recorded_at = models.DateTimeField(_("記録日時"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("記録した職員"))

    class Meta:
        verbose_name = _("ハローワークシステムへの記録")
        verbose_name_plural = _("ハローワークシステムへの記録")

    def __str__(self) -> str:
        return f"#{self.pk}"
