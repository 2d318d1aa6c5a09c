"""Policy values are rows with history: who changed what, when, and from when it holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import User


class PolicyValue(models.Model):
    """One value of one policy key (a field of ``booking.rules.policy.Policy``) from ``holds_from`` on. Never changed, only added."""

    class Key(models.TextChoices):
        REQUEST_CLOSES_AT = "request_closes_at", _("Web受付の締切（前開庁日の時刻）")
        ANSWER_BY_AT = "answer_by_at", _("回答の期限（前開庁日の時刻）")
        READINESS_MAIL_AT = "readiness_mail_at", _("明日の準備のメールを職員に送る時刻（開庁日）")
        HORIZON_DAYS = "horizon_days", _("何日先まで受け付けるか（日）")
        CAPACITY_PER_START = "capacity_per_start", _("同じ時刻に行う相談の上限（件）")
        FIRST_TIMERS_PER_DAY = "first_timers_per_day", _("本人確認前の方の1日の上限（件）")
        FEW_PLACES = "few_places", _("「残りわずか」とする件数（件）")
        HOST_BUFFER_MINUTES = "host_buffer_minutes", _("同じZoomホストの会議の間隔（分）")
        NO_CONTACT_GRACE_MINUTES = "no_contact_grace_minutes", _("ご連絡がない場合に待つ時間（分）")
        NO_CONTACT_NOTICE_MINUTES = "no_contact_notice_minutes", _("キャンセルのお知らせまでの時間（分）")
        JOIN_OPENS_MINUTES = "join_opens_minutes", _("入室できる時刻（開始前・分）")
        REMIND_DAY_BEFORE_AT = "remind_day_before_at", _("前日の確認のメールを送る時刻")
        REMIND_MINUTES_BEFORE = "remind_minutes_before", _("開始前の確認のメールを送る時間（分）")
        OFFICE_OPENS_AT = "office_opens_at", _("開庁時刻（いますぐの相談・面接）")
        OFFICE_CLOSES_AT = "office_closes_at", _("閉庁時刻（いますぐの相談・面接）")
        IMMEDIATE_WAIT_MINUTES = "immediate_wait_minutes", _("いますぐの相談の申込みをお待ちいただく時間（分）")
        IMMEDIATE_LEAD_MINUTES = "immediate_lead_minutes", _("いますぐの相談の後、次の予定までにあける時間（分）")
        INTERVIEWS_TAKEN = "interviews_taken", _("面接・管理選考の依頼を受け付ける（1：受け付ける、0：受け付けない）")
        INTERVIEW_PRESENCE_MINUTES = "interview_presence_minutes", _("面接に担当者が立ち会う時間（分・空欄は最後まで）")
        EMPLOYERS_BOOK = "employers_book", _("求人者が相談の予約枠を自分で選べる（1：選べる、0：選べない）")
        SEMINAR_WAITING_ROOM = "seminar_waiting_room", _("セミナー・企業見学会でZoomの待機室を使う（1：使う、0：使わない）")

    key = models.CharField(_("項目"), max_length=40, choices=Key)
    value = models.CharField(_("値"), max_length=20, blank=True)
    holds_from = models.DateTimeField(_("適用開始"))
    set_at = models.DateTimeField(_("設定日時"))
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("設定した職員"))
    reason = models.CharField(_("理由"), max_length=200)

    class Meta:
        verbose_name = _("運用の設定")
        verbose_name_plural = _("運用の設定")
        ordering = ["key", "holds_from", "pk"]

    def __str__(self) -> str:
        return f"{self.get_key_display()}：{self.value}"


class NoticeText(models.Model):
    """One text that the office shows people, from ``holds_from`` on; empty takes it away. Plain text. Never changed, only added."""

    class Key(models.TextChoices):
        TOP_PAGE = "top_page", _("トップページのお知らせ")
        MAIL_CLOSING = "mail_closing", _("予約のメールの結びの文")

    key = models.CharField(_("項目"), max_length=20, choices=Key)
    text = models.TextField(_("文"), blank=True)
    holds_from = models.DateTimeField(_("適用開始"))
    set_at = models.DateTimeField(_("設定日時"))
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("設定した職員"))
    reason = models.CharField(_("理由"), max_length=200)

    class Meta:
        verbose_name = _("お知らせの文")
        verbose_name_plural = _("お知らせの文")
        ordering = ["key", "holds_from", "pk"]

    def __str__(self) -> str:
        return self.get_key_display()
