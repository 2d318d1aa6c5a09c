"""Who works when, which days are closed, and every occupation of a counsellor's time."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import User
from toyooka_hw.wording import ja_date, ja_time_span


class Int8Range(Func):
    """``[id, id]`` as a range, so that plain GiST can exclude equal ids without any extension."""

    function = "int8range"
    output_field = BigIntegerRangeField()


class ZoomHost(models.Model):
    """A licensed Zoom user. It runs one meeting at a time, whoever the counsellor is."""

    class Finding(models.TextChoices):
        """What the last look at Zoom's own record of this user found."""

        UNSEEN = "unseen", _("未確認")
        LICENSED = "licensed", _("ライセンスあり")
        BASIC = "basic", _("ライセンスなし（40分で切れます）")
        INACTIVE = "inactive", _("Zoom側で無効になっています")
        UNKNOWN = "unknown", _("Zoomに登録がありません")

    email = models.EmailField(_("Zoomユーザー"), unique=True)
    name = models.CharField(_("名称"), max_length=50)
    is_active = models.BooleanField(_("使用する"), default=True)
    finding = models.CharField(_("Zoomでの確認"), max_length=10, choices=Finding, default=Finding.UNSEEN, editable=False)
    checked_at = models.DateTimeField(_("Zoomでの確認日時"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Zoomホスト")
        verbose_name_plural = _("Zoomホスト")

    def __str__(self) -> str:
        return self.name


class HostDay(models.Model):
    """How many calls that make or change a meeting were counted for a host on one of Zoom's days, which begin at 00:00 UTC (09:00 in Japan)."""

    host_email = models.EmailField(_("Zoomユーザー"))
    day = models.DateField(_("Zoomの日付（協定世界時）"))
    calls = models.PositiveIntegerField(_("作成・変更の回数"), default=0)

    class Meta:
        verbose_name = _("Zoomの利用回数")
        verbose_name_plural = _("Zoomの利用回数")
        constraints = [models.UniqueConstraint(fields=["host_email", "day"], name="one_count_per_host_and_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.calls}"


class Counsellor(models.Model):
    """A member of staff who counsels."""

    user = models.OneToOneField(User, models.PROTECT, related_name="counsellor", verbose_name=_("職員"))
    name = models.CharField(_("担当者名"), max_length=50)
    default_host = models.ForeignKey(ZoomHost, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("標準のZoomホスト"))
    is_active = models.BooleanField(_("担当中"), default=True)
    # 受付中 for immediate sessions (article 6-2), since when; it holds on that day only (rules.immediate)
    standby_since = models.DateTimeField(_("いますぐの相談の受付中"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("担当者")
        verbose_name_plural = _("担当者")

    def __str__(self) -> str:
        return self.name


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("月曜日")
    TUESDAY = 1, _("火曜日")
    WEDNESDAY = 2, _("水曜日")
    THURSDAY = 3, _("木曜日")
    FRIDAY = 4, _("金曜日")
    SATURDAY = 5, _("土曜日")
    SUNDAY = 6, _("日曜日")


class DutyHours(models.Model):
    """Weekly hours in which a counsellor may be booked. ``until`` is inclusive; hours never open a closed day, those of a weekend serve the days that are opened."""

    counsellor = models.ForeignKey(Counsellor, models.CASCADE, related_name="duty_hours", verbose_name=_("担当者"))
    weekday = models.PositiveSmallIntegerField(_("曜日"), choices=Weekday)
    starts = models.TimeField(_("開始"))
    ends = models.TimeField(_("終了"))
    since = models.DateField(_("適用開始日"))
    until = models.DateField(_("適用終了日"), null=True, blank=True)

    class Meta:
        verbose_name = _("担当時間")
        verbose_name_plural = _("担当時間")
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="duty_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.counsellor} {self.get_weekday_display()} {self.starts:%H:%M}～{self.ends:%H:%M}"


class Closure(models.Model):
    """One day of the office's calendar that differs from, or confirms, the law's: closed with a label, or opened as an exception."""

    class Source(models.TextChoices):
        LAW = "law", _("法令による休日")
        OFFICE = "office", _("所の決定")

    date = models.DateField(_("日付"), unique=True)
    is_open = models.BooleanField(_("例外として開庁する"), default=False)
    label = models.CharField(_("名称"), max_length=50)
    source = models.CharField(_("根拠"), max_length=10, choices=Source, default=Source.OFFICE)

    class Meta:
        verbose_name = _("閉庁日")
        verbose_name_plural = _("閉庁日")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{ja_date(self.date)} {self.label}"


class Absence(models.Model):
    """A span in which a counsellor is away. Its Hold is what blocks the calendar."""

    counsellor = models.ForeignKey(Counsellor, models.CASCADE, related_name="absences", verbose_name=_("担当者"))
    starts_at = models.DateTimeField(_("開始"))
    ends_at = models.DateTimeField(_("終了"))
    reason = models.CharField(_("理由"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("不在")
        verbose_name_plural = _("不在")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.counsellor} {ja_time_span(self.starts_at, self.ends_at)}"


class Hold(models.Model):
    """Every occupation, half-open ``[starts, ends)``: one exclusion constraint per counsellor, one per Zoom host.

    ``host_span`` is the span plus the buffer that policy asked for when the hold was taken.
    """

    class Kind(models.TextChoices):
        RESERVATION = "reservation", _("予約")
        PROPOSAL = "proposal", _("ご提案中")
        AD_HOC = "ad_hoc", _("いますぐの相談")
        INTERVIEW = "interview", _("面接・管理選考")
        SEMINAR = "seminar", _("セミナー・企業見学会")
        ABSENCE = "absence", _("不在")

    counsellor = models.ForeignKey(Counsellor, models.PROTECT, related_name="holds", verbose_name=_("担当者"))
    host = models.ForeignKey(ZoomHost, models.PROTECT, null=True, blank=True, related_name="holds", verbose_name=_("Zoomホスト"))
    kind = models.CharField(_("種類"), max_length=20, choices=Kind)
    span = DateTimeRangeField(_("時間"))
    host_span = DateTimeRangeField(null=True, blank=True)
    booking = models.ForeignKey("booking.Booking", models.CASCADE, null=True, blank=True, related_name="holds", verbose_name=_("予約"))
    absence = models.OneToOneField(Absence, models.CASCADE, null=True, blank=True, related_name="hold")
    seminar = models.OneToOneField(
        "booking.Seminar", models.PROTECT, null=True, blank=True, related_name="hold", verbose_name=_("セミナー・企業見学会")
    )

    class Meta:
        verbose_name = _("時間の確保")
        verbose_name_plural = _("時間の確保")
        constraints = [
            ExclusionConstraint(
                name="one_thing_at_a_time_per_counsellor",
                expressions=[
                    (Int8Range("counsellor_id", "counsellor_id", Value("[]")), RangeOperators.OVERLAPS),
                    ("span", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("この担当者は、その時間にほかの予定があります。"),
            ),
            ExclusionConstraint(
                name="one_meeting_at_a_time_per_host",
                expressions=[
                    (Int8Range("host_id", "host_id", Value("[]")), RangeOperators.OVERLAPS),
                    ("host_span", RangeOperators.OVERLAPS),
                ],
                condition=Q(host__isnull=False),
                violation_error_message=_("このZoomホストは、その時間にほかの予定があります。"),
            ),
            models.CheckConstraint(
                condition=Q(host=None, host_span=None) | Q(host__isnull=False, host_span__isnull=False),
                name="hold_host_with_span",
            ),
            models.CheckConstraint(
                condition=Q(kind="absence", absence__isnull=False, booking=None, seminar=None)
                | Q(kind="seminar", seminar__isnull=False, absence=None, booking=None)
                | (~Q(kind__in=["absence", "seminar"]) & Q(absence=None, booking__isnull=False, seminar=None)),
                name="hold_belongs_to_one_thing",
            ),
        ]
        indexes = [
            # queries.situation: holds of the coming four weeks. By the end first: what is over, nearly all of them, is never walked through
            models.Index(Upper("span"), Lower("span"), name="hold_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.counsellor} {ja_time_span(self.span.lower, self.span.upper)}"
