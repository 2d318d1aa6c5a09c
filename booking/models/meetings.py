"""The Zoom meeting of a booking or a seminar as wanted and as it is, and the portal's own heartbeats."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.bookings import Booking
from booking.models.seminars import Seminar
from toyooka_hw.accounts.models import User
from toyooka_hw.outbox import OutboxRow, OutboxState


def _of_one(booking: Booking | None, seminar: Seminar | None) -> Booking | Seminar:
    occasion = booking or seminar
    assert occasion is not None  # the constraints meeting_of_one_thing and alarm_about_one_thing
    return occasion


class Meeting(OutboxRow):
    """The meeting of one booking or one seminar. ``reference`` travels in Zoom's agenda: after an unclear answer we look for it and adopt, never post blindly.

    ``starts_at`` and ``host_email`` are those of the meeting that stands; ``asked_start`` and ``asked_host`` were written down before it was
    asked for, so that what nobody told us of is looked for in the right place even where the booking has moved meanwhile.
    ``waiting_room``: whether it was asked to have one; what Zoom makes of it may be safer.
    ``in_doubt``: something says that what is written here may no longer be so, and the next attempt looks at Zoom before it believes it.
    ``trouble``: of what kind ``last_error`` is. ``waits_since``: real time, to the minute, written by the watch. ``manual_at``, ``manual_by``: staff
    entered the way in by hand, and Zoom is not asked for it. ``to_delete_by_hand``: such a meeting is not needed any more, and stands at Zoom
    until staff have deleted it there.
    """

    class Trouble(models.TextChoices):
        UNREACHABLE = "unreachable", _("Zoomにつながりません")
        BUSY = "busy", _("Zoomが混み合っています")
        QUOTA = "quota", _("Zoomの1日の上限に達しました")
        NOT_AUTHORISED = "not_authorised", _("Zoomの認証・権限に問題があります")
        HOST = "host", _("Zoomホストに問題があります")
        UNSAFE = "unsafe", _("安全のための設定がZoom側で変えられました")
        REFUSED = "refused", _("Zoomに断られました")

    booking = models.OneToOneField(Booking, models.PROTECT, null=True, blank=True, related_name="meeting", verbose_name=_("予約"))
    seminar = models.OneToOneField(Seminar, models.PROTECT, null=True, blank=True, related_name="meeting", verbose_name=_("催し"))
    reference = models.CharField(max_length=40, unique=True, editable=False)
    meeting_id = models.BigIntegerField(_("ミーティングID"), null=True, blank=True)
    host_email = models.EmailField(_("Zoomホスト"), blank=True)
    starts_at = models.DateTimeField(_("Zoom上の開始"), null=True, blank=True)
    asked_host = models.EmailField(blank=True, editable=False)
    asked_start = models.DateTimeField(null=True, blank=True, editable=False)
    join_url = models.URLField(max_length=500, blank=True, editable=False)
    passcode = models.CharField(max_length=10, blank=True, editable=False)
    waiting_room = models.BooleanField(_("待機室"), default=True, editable=False)
    # when the meeting that stands was made: a code that was told before is another meeting's
    made_at = models.DateTimeField(null=True, blank=True, editable=False)
    ready_at = models.DateTimeField(_("準備完了"), null=True, blank=True)
    removed_at = models.DateTimeField(_("削除完了"), null=True, blank=True)
    in_doubt = models.BooleanField(default=False, editable=False)
    trouble = models.CharField(_("困りごと"), max_length=14, choices=Trouble, blank=True, editable=False)
    waits_since = models.DateTimeField(null=True, blank=True, editable=False)
    manual_at = models.DateTimeField(_("手入力した日時"), null=True, blank=True, editable=False)
    manual_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("手入力した職員"))
    to_delete_by_hand = models.BooleanField(_("Zoomのサイトで削除が必要"), default=False, editable=False)

    class Meta:
        verbose_name = _("Zoomミーティング")
        verbose_name_plural = _("Zoomミーティング")
        indexes = [
            # OutboxQuerySet.due: the sweep reads unfinished rows only
            models.Index(
                fields=["next_try_at"], condition=~Q(outbox_state__in=[OutboxState.DONE, OutboxState.FAILED]), name="meeting_unfinished"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(manual_at=None, manual_by=None) | Q(manual_at__isnull=False, manual_by__isnull=False),
                name="manual_link_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(booking__isnull=False, seminar=None) | Q(booking=None, seminar__isnull=False), name="meeting_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion}"

    @property
    def occasion(self) -> Booking | Seminar:
        """What it is for: both have a time and a host."""
        return _of_one(self.booking, self.seminar)

    @property
    def exists(self) -> bool:
        """Whether a meeting stands at Zoom, as far as we know."""
        return self.meeting_id is not None and self.removed_at is None

    def is_for(self, occasion: Booking | Seminar) -> bool:
        """Whether what stands at Zoom is for its present time and host; after a move or another hand it follows a little later."""
        return self.starts_at == occasion.starts_at and occasion.host is not None and self.host_email == occasion.host.email

    def leads_into(self, occasion: Booking | Seminar) -> bool:
        """Whether its way in is open for the booking or seminar as it is. The portal's own follows a move by itself; what staff entered does not.

        One whose safety settings Zoom overrides leads nobody in (C12-2): staff put it right, or hold the session by telephone.
        """
        return self.exists and self.trouble != self.Trouble.UNSAFE and (self.manual_at is None or self.is_for(occasion))

    @property
    def grouped_id(self) -> str:
        """``853 1234 5678``: eleven digits as 3-4-4, ten as 3-3-4, nine as 3-3-3, the way Zoom writes them."""
        digits = str(self.meeting_id or "")
        middle = 4 if len(digits) > 10 else 3
        return f"{digits[:3]} {digits[3 : 3 + middle]} {digits[3 + middle :]}"


class ZoomNotice(OutboxRow):
    """One event that Zoom told us of, stored as it came in and acted upon afterwards. Nothing in it says who somebody is.

    ``key``: the same event told again is one row. ``participant``: an opaque hash. ``received_at`` is real time,
    ``happened_at`` Zoom's moment by the portal's clock.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    event = models.CharField(_("できごと"), max_length=80)
    happened_at = models.DateTimeField(_("Zoomでの日時"))
    received_at = models.DateTimeField(_("受信日時"))
    meeting_number = models.BigIntegerField(null=True, blank=True, editable=False)
    instance = models.CharField(max_length=80, blank=True, editable=False)
    participant = models.CharField(max_length=64, blank=True, editable=False)
    is_host = models.BooleanField(_("ホスト"), default=False)

    class Meta:
        verbose_name = _("Zoomからの通知")
        verbose_name_plural = _("Zoomからの通知")
        indexes = [
            # OutboxQuerySet.due: the sweep reads unfinished rows only
            models.Index(
                fields=["next_try_at"], condition=~Q(outbox_state__in=[OutboxState.DONE, OutboxState.FAILED]), name="notice_unfinished"
            ),
            models.Index(fields=["received_at"], name="notice_by_time"),  # the status page's last webhook, and forgetting
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.event}"


class SessionAlarm(models.Model):
    """Somebody records a session, or an AI listens to it (C12-2): loud until a member of staff has seen to it."""

    class Kind(models.TextChoices):
        RECORDING = "recording", _("録画が始まりました")
        AI_SUMMARY = "ai_summary", _("AIによる要約・文字起こしが動いています")

    booking = models.ForeignKey(Booking, models.PROTECT, null=True, blank=True, related_name="alarms", verbose_name=_("予約"))
    seminar = models.ForeignKey(Seminar, models.PROTECT, null=True, blank=True, related_name="alarms", verbose_name=_("催し"))
    kind = models.CharField(_("内容"), max_length=12, choices=Kind)
    instance = models.CharField(max_length=80, blank=True, editable=False)
    at = models.DateTimeField(_("日時"))
    seen_at = models.DateTimeField(_("確認日時"), null=True, blank=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("確認した職員"))

    class Meta:
        verbose_name = _("録画などの警告")
        verbose_name_plural = _("録画などの警告")
        constraints = [
            models.UniqueConstraint(fields=["booking", "kind", "instance"], name="one_alarm_per_kind_and_instance"),
            models.UniqueConstraint(fields=["seminar", "kind", "instance"], name="one_alarm_per_kind_and_instance_of_a_seminar"),
            models.CheckConstraint(
                condition=Q(booking__isnull=False, seminar=None) | Q(booking=None, seminar__isnull=False), name="alarm_about_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None) | Q(seen_at__isnull=False, seen_by__isnull=False), name="alarm_seen_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion.number} {self.get_kind_display()}"

    @property
    def occasion(self) -> Booking | Seminar:
        """What is recorded."""
        return _of_one(self.booking, self.seminar)


# What the office cannot do where the app lacks the scope.
SCOPE_WORDS = {
    "meeting:write:meeting:admin": _("ミーティングの作成"),
    "meeting:read:list_meetings:admin": _("ミーティングの一覧"),
    "meeting:read:meeting:admin": _("ミーティングの確認"),
    "meeting:update:meeting:admin": _("ミーティングの変更"),
    "meeting:delete:meeting:admin": _("ミーティングの削除"),
    "meeting:update:status:admin": _("ミーティングの終了"),
    "user:read:user:admin": _("Zoomホストの確認"),
}


class ZoomCheck(models.Model):
    """One look at Zoom's own side: whether the credentials work, which scopes are missing, which meetings nobody here knows. Real time."""

    at = models.DateTimeField(_("確認日時"))
    trouble = models.CharField(_("困りごと"), max_length=14, choices=Meeting.Trouble, blank=True)
    missing_scopes = models.JSONField(_("足りない権限"), default=list)
    strangers = models.PositiveIntegerField(_("見覚えのないミーティング"), default=0)

    class Meta:
        verbose_name = _("Zoomの点検")
        verbose_name_plural = _("Zoomの点検")
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_trouble_display()}"

    @property
    def missing_in_words(self) -> list[str]:
        """Each missing scope with what cannot be done without it."""
        return [f"{SCOPE_WORDS.get(scope, '')}（{scope}）" for scope in self.missing_scopes]


class Heartbeat(models.Model):
    """Beat and web were alive: ``at`` is the portal's time, ``wall`` real time. After a gap nobody is closed by the ten-minute rule."""

    name = models.CharField(max_length=10)
    at = models.DateTimeField()
    wall = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name", "at"], name="heartbeat_by_time")]

    def __str__(self) -> str:
        return self.name
