"""The two terms documents and their versions, with what staff put beside them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import User
from toyooka_hw.wording import reiwa


class TermsDocument(models.Model):
    """C (counselling) or S (seminars and company tours)."""

    code = models.SlugField(_("記号"), unique=True)
    title = models.CharField(_("名称"), max_length=300)

    class Meta:
        verbose_name = _("利用規約")
        verbose_name_plural = _("利用規約")

    def __str__(self) -> str:
        return self.title


def _tied(who: str, when: str) -> Q:
    """Who did it and when are known together, or neither is."""
    return Q(**{who: None, when: None}) | Q(**{f"{who}__isnull": False, f"{when}__isnull": False})


class TermsVersion(models.Model):
    """One text of a document, as ``consent.importer.as_data`` gives it. Once announced the database refuses every change to the row.

    A draft has neither ``announced_at`` nor ``effective_at``. Versions that came with the demo's seed name no author.
    """

    document = models.ForeignKey(TermsDocument, models.PROTECT, related_name="versions", verbose_name=_("利用規約"))
    number = models.PositiveIntegerField(_("版"))
    title = models.CharField(_("題名"), max_length=300, blank=True)
    dated = models.DateField(_("日付"))
    date_line = models.CharField(_("日付の行"), max_length=50, blank=True)
    issuer = models.CharField(_("発出者"), max_length=200)
    preamble = models.TextField(_("前文"), blank=True)
    articles = models.JSONField(_("条文"))
    supplements = models.JSONField(_("附則"), default=list)
    later_supplements = models.JSONField(_("発出者のあとの附則"), default=list)
    content_sha256 = models.CharField(_("本文のSHA-256"), max_length=64)
    source_name = models.CharField(_("読み込んだファイル"), max_length=200, blank=True)
    source_sha256 = models.CharField(_("読み込んだファイルのSHA-256"), max_length=64, blank=True)
    is_digest = models.BooleanField(_("正文ではない要約（デモ用）"), default=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("作成した職員"))
    created_at = models.DateTimeField(_("作成日時"), null=True, blank=True)
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("記入した職員"))
    edited_at = models.DateTimeField(_("記入日時"), null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("確認した職員"))
    checked_at = models.DateTimeField(_("確認日時"), null=True, blank=True)
    editorial = models.BooleanField(_("形式的な改正"), default=False)
    editorial_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("形式的な改正と判断した職員")
    )
    editorial_at = models.DateTimeField(_("形式的な改正と判断した日時"), null=True, blank=True)
    editorial_reason = models.TextField(_("形式的な改正と判断した理由"), blank=True)
    announced_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("告知した職員"))
    announced_at = models.DateTimeField(_("告知日時"), null=True, blank=True)
    effective_at = models.DateTimeField(_("効力発生日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("利用規約の版")
        verbose_name_plural = _("利用規約の版")
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_number_per_document"),
            models.CheckConstraint(condition=_tied("created_by", "created_at"), name="version_created_by_somebody"),
            models.CheckConstraint(condition=_tied("edited_by", "edited_at"), name="version_edited_by_somebody"),
            models.CheckConstraint(condition=_tied("checked_by", "checked_at"), name="version_checked_by_somebody"),
            models.CheckConstraint(
                condition=Q(checked_by=None)
                | ~Q(checked_by=F("created_by")) & ~Q(checked_by=F("edited_by")) & ~Q(checked_by=F("editorial_by")),
                name="version_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(editorial=False, editorial_by=None, editorial_at=None, editorial_reason="")
                | Q(editorial=True, editorial_by__isnull=False, editorial_at__isnull=False) & ~Q(editorial_reason=""),
                name="version_editorial_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(announced_by=None) | Q(announced_at__isnull=False), name="version_announced_by_at"),
            models.CheckConstraint(condition=Q(announced_at=None) | Q(effective_at__isnull=False), name="version_announced_has_effect"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{reiwa(self.dated)}版）"

    @property
    def name(self) -> str:
        """What this version calls itself."""
        return self.title or self.document.title

    @property
    def audit_name(self) -> str:
        """What the audit calls it, also when it is gone."""
        return f"{self.name}　第{self.number}版"[-100:]

    @property
    def reading(self) -> str:
        """Stands for what somebody who reads the draft decides upon: its words, and whether the change is editorial."""
        return f"{self.content_sha256}:{self.editorial_at.isoformat() if self.editorial_at else ''}"

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Whatever stands below the preamble: the articles, then the supplementary provisions."""
        return [*self.articles, *self.all_supplements]

    @property
    def all_supplements(self) -> list[dict[str, Any]]:
        """附則, wherever they stand."""
        return [*self.supplements, *self.later_supplements]


class ArticlePoint(models.Model):
    """要点: an article in plain words, beside the binding text and no part of it. ``article`` is its key, 6 or 6-2."""

    version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="points", verbose_name=_("利用規約の版"))
    article = models.CharField(_("条"), max_length=10)
    text = models.TextField(_("要点"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("記入した職員"))
    at = models.DateTimeField(_("記入日時"))

    class Meta:
        verbose_name = _("要点")
        verbose_name_plural = _("要点")
        constraints = [models.UniqueConstraint(fields=["version", "article"], name="one_point_per_article")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.article}"


class RowCorrection(models.Model):
    """A row of the 新旧対照表 of two versions, corrected by hand: where the marks stand and what the remark says, never the wording.

    The newest correction of a row counts; one without marks and remark leads back to the automatic row.
    """

    version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="corrections", verbose_name=_("改正後の版"))
    old_version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="+", verbose_name=_("改正前の版"))
    row_key = models.CharField(_("行"), max_length=40)
    marks = models.JSONField(_("傍線"), default=dict)
    remark = models.CharField(_("備考"), max_length=100, null=True, blank=True)  # noqa: DJ001 - null keeps the row's own remark
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("訂正した職員"))
    at = models.DateTimeField(_("訂正日時"))

    class Meta:
        verbose_name = _("新旧対照表の訂正")
        verbose_name_plural = _("新旧対照表の訂正")
        indexes = [models.Index(fields=["version", "old_version", "row_key"], name="correction_of_row")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.row_key}"
