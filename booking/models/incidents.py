"""Troubles of the machinery, each from the look that found it to its end."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.rules.incidents import Kind as RuleKind

MAIL_PREFIX = "incident:"


class Incident(models.Model):
    """One trouble, however many rows it concerns. All moments are real time; ``seen_at`` is the last look that found it.

    ``subject``: the e-mail of the Zoom user it is about, where it is about one. ``count`` and ``since`` as the rule last told them.
    """

    class Kind(models.TextChoices):
        BEAT = RuleKind.BEAT.value, _("定期処理が止まりました")
        WEB = RuleKind.WEB.value, _("ポータルが応答していません")
        NOT_AUTHORISED = RuleKind.NOT_AUTHORISED.value, _("Zoomに接続する認証・権限に問題があります")
        SCOPES = RuleKind.SCOPES.value, _("Zoomの権限が足りません")
        HOST = RuleKind.HOST.value, _("Zoomホストが使えません")
        QUOTA = RuleKind.QUOTA.value, _("Zoomホストが1日の上限に達しました")
        UNSAFE = RuleKind.UNSAFE.value, _("安全のための設定がZoom側で変えられました")
        STRANGERS = RuleKind.STRANGERS.value, _("見覚えのないZoomミーティングがあります")
        MEETING_WAITS = RuleKind.MEETING_WAITS.value, _("Zoomミーティングの準備が遅れています")
        MEETING_GIVEN_UP = RuleKind.MEETING_GIVEN_UP.value, _("作成できなかったZoomミーティングがあります")
        MAIL_WAITS = RuleKind.MAIL_WAITS.value, _("メールの送信が遅れています")
        MAIL_GIVEN_UP = RuleKind.MAIL_GIVEN_UP.value, _("送信できなかったメールがあります")
        NOTICE_WAITS = RuleKind.NOTICE_WAITS.value, _("Zoomからの通知を処理できていません")

    kind = models.CharField(_("内容"), max_length=20, choices=Kind)
    subject = models.EmailField(_("Zoomユーザー"), blank=True)
    count = models.PositiveIntegerField(_("件数"), default=0)
    since = models.DateTimeField(_("いつから"), null=True, blank=True)
    opened_at = models.DateTimeField(_("気づいた日時"))
    seen_at = models.DateTimeField(_("最後に見た日時"))
    closed_at = models.DateTimeField(_("解消した日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("システムの問題")
        verbose_name_plural = _("システムの問題")
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(closed_at=None), name="one_open_incident_per_kind_and_subject"),
        ]
        indexes = [models.Index(fields=["closed_at"], name="incident_by_end")]  # the status page's last ones, and forgetting

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()}"
