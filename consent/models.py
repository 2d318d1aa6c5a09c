"""The two terms documents, their versions, and what people agreed to. Consents are append-only: the database refuses changes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import Person, User
from toyooka_hw.wording import reiwa


class TermsDocument(models.Model):
    """C (counselling) or S (seminars and company tours)."""

    code = models.SlugField(_("記号"), unique=True)
    title = models.CharField(_("名称"), max_length=200)

    class Meta:
        verbose_name = _("利用規約")
        verbose_name_plural = _("利用規約")

    def __str__(self) -> str:
        return self.title


class TermsVersion(models.Model):
    """One text of a document. ``articles`` is a list of {number, branch, heading, paragraphs: [{marker, text, items}]}."""

    document = models.ForeignKey(TermsDocument, models.PROTECT, related_name="versions", verbose_name=_("利用規約"))
    number = models.PositiveIntegerField(_("版"))
    dated = models.DateField(_("日付"))
    issuer = models.CharField(_("発出者"), max_length=100)
    preamble = models.TextField(_("前文"), blank=True)
    articles = models.JSONField(_("条文"))
    content_sha256 = models.CharField(_("本文のSHA-256"), max_length=64)
    is_digest = models.BooleanField(_("正文ではない要約（デモ用）"), default=False)
    editorial = models.BooleanField(_("形式的な改正"), default=False)
    announced_at = models.DateTimeField(_("告知日時"), null=True, blank=True)
    effective_at = models.DateTimeField(_("効力発生日時"))

    class Meta:
        verbose_name = _("利用規約の版")
        verbose_name_plural = _("利用規約の版")
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_number_per_document")]

    def __str__(self) -> str:
        return f"{self.document}（{reiwa(self.dated)}版）"


class Method(models.TextChoices):
    CHECKBOX = "checkbox", _("画面で同意")
    DEEMED_APPLICATION = "deemed_application", _("申込みによるみなし同意")
    DEEMED_USE = "deemed_use", _("利用によるみなし同意")
    STAFF_PHONE = "staff_phone", _("電話での説明と同意")
    STAFF_COUNTER = "staff_counter", _("窓口での説明と同意")
    IN_SESSION = "in_session", _("相談中の説明と同意")


class Consent(models.Model):
    """Evidence that a person agreed to one version. Append-only (japan.md's evidence list; C0-2, C0-3, C4-2)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents", verbose_name=_("利用者"))
    version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="consents", verbose_name=_("利用規約の版"))
    content_sha256 = models.CharField(_("本文のSHA-256"), max_length=64)
    method = models.CharField(_("方法"), max_length=20, choices=Method)
    label = models.TextField(_("表示した文言"))
    language = models.CharField(_("表示した言語"), max_length=10, default="ja")
    zoom_terms_url = models.URLField(_("確認したZoomの規約"), blank=True)
    shown_at = models.DateTimeField(_("表示日時"))
    agreed_at = models.DateTimeField(_("同意日時"))
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


class ChangeNotice(models.Model):
    """What article 13 demands before a change: the fact, the new text, the moment of effect, the ground."""

    class Ground(models.TextChoices):
        INITIAL = "initial", _("最初の公表")
        GENERAL_BENEFIT = "general_benefit", _("利用者の一般の利益に適合")
        REASONABLE = "reasonable", _("目的に反せず合理的")
        INDIVIDUAL_CONSENT = "individual_consent", _("個別の同意による")

    version = models.OneToOneField(TermsVersion, models.PROTECT, related_name="notice", verbose_name=_("利用規約の版"))
    ground = models.CharField(_("根拠"), max_length=20, choices=Ground)
    summary = models.TextField(_("変更の概要"))
    bureau_url = models.URLField(_("兵庫労働局のページ"), blank=True)
    announced_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("告知した職員"))

    class Meta:
        verbose_name = _("変更の告知")
        verbose_name_plural = _("変更の告知")

    def __str__(self) -> str:
        return f"#{self.pk} {self.version}"
