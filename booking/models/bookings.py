"""A booking of any kind, its participants, its history and what was said about it."""

import operator
import uuid
from functools import reduce

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.calendar import Counsellor, ZoomHost
from booking.models.employers import EmployerRequest
from booking.rules.lifecycle import Event as RuleEvent
from booking.rules.lifecycle import Kind as RuleKind
from booking.rules.lifecycle import State as RuleState
from booking.rules.outcomes import OUTCOMES
from booking.rules.outcomes import Outcome as RuleOutcome
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.wording import ja_time_span


class Kind(models.TextChoices):
    RESERVED = RuleKind.RESERVED.value, _("予約型")
    AD_HOC = RuleKind.AD_HOC.value, _("いますぐの相談")
    INTERVIEW = RuleKind.INTERVIEW.value, _("面接・管理選考")


class State(models.TextChoices):
    REQUESTED = RuleState.REQUESTED.value, _("申込受付")
    PROPOSED = RuleState.PROPOSED.value, _("日時のご相談")
    CONFIRMED = RuleState.CONFIRMED.value, _("予約確定")
    COMPLETED = RuleState.COMPLETED.value, _("実施済")
    DECLINED = RuleState.DECLINED.value, _("お受けできませんでした")
    EXPIRED = RuleState.EXPIRED.value, _("期限切れ")
    WITHDRAWN = RuleState.WITHDRAWN.value, _("取下げ")
    CANCELLED_BY_USER = RuleState.CANCELLED_BY_USER.value, _("キャンセル（ご連絡あり）")
    CANCELLED_NO_CONTACT = RuleState.CANCELLED_NO_CONTACT.value, _("キャンセル（ご連絡なし）")
    CANCELLED_BY_OFFICE = RuleState.CANCELLED_BY_OFFICE.value, _("中止（ハローワークの都合）")
    STOPPED = RuleState.STOPPED.value, _("途中で中止")


class Source(models.TextChoices):
    WEB = "web", _("ウェブ")
    PHONE = "phone", _("電話")
    COUNTER = "counter", _("窓口")
    IN_SESSION = "in_session", _("相談中")


class Eligibility(models.TextChoices):
    """What staff found in the Hello Work system for the session's day (C2-1a, A3)."""

    UNCHECKED = "unchecked", _("未確認")
    REGISTERED = "registered", _("求職登録あり（ハローワーク利用登録者）")
    TO_SWITCH = "to_switch", _("オンライン登録者（利用登録者へ切り替える）")
    TO_REGISTER = "to_register", _("これから求職登録する方（登録の手続を案内済み）")
    EMPLOYER = "employer", _("求人を出している事業所の人事担当者")


class Outcome(models.TextChoices):
    """How a session ended, beneath its state; whose cause it was follows from it (``booking.rules.outcomes``)."""

    HELD = RuleOutcome.HELD.value, _("予定どおり実施")
    HELD_SHORT = RuleOutcome.HELD_SHORT.value, _("時間を短くして実施")
    HELD_BY_PHONE = RuleOutcome.HELD_BY_PHONE.value, _("電話に切り替えて実施")
    OWN_PLANS = RuleOutcome.OWN_PLANS.value, _("本人の都合")
    JOB_FOUND = RuleOutcome.JOB_FOUND.value, _("就職が決まった")
    OWN_DEVICE = RuleOutcome.OWN_DEVICE.value, _("本人の機器・通信の不具合")
    NOT_REACHED = RuleOutcome.NOT_REACHED.value, _("連絡がつかなかった")
    WRONG_CONTACT = RuleOutcome.WRONG_CONTACT.value, _("連絡先が違っていた")
    COUNSELLOR_AWAY = RuleOutcome.COUNSELLOR_AWAY.value, _("担当者の都合")
    CODE_NOT_TOLD = RuleOutcome.CODE_NOT_TOLD.value, _("折り返しの電話で番号をお伝えできなかった")
    NOBODY_CAME = RuleOutcome.NOBODY_CAME.value, _("相手の方が参加しなかった")
    OFFICE_CLOSED = RuleOutcome.OFFICE_CLOSED.value, _("閉庁・災害など")
    OFFICE_DEVICE = RuleOutcome.OFFICE_DEVICE.value, _("ハローワークの機器・通信の不具合")
    ZOOM_FAULT = RuleOutcome.ZOOM_FAULT.value, _("Zoomの不具合")
    DUPLICATE = RuleOutcome.DUPLICATE.value, _("重複した予約")
    ACCESS_NEED = RuleOutcome.ACCESS_NEED.value, _("通訳・介助などの準備が整わなかった")
    LEFT_EARLY = RuleOutcome.LEFT_EARLY.value, _("本人が途中で退室した")
    CONDUCT = RuleOutcome.CONDUCT.value, _("規約第12条に反する行為")


MAIL_PREFIX = "booking-event:"
# An outcome stands only beneath a state that it fits.
OUTCOME_FITS = reduce(operator.or_, (Q(state=state.value, outcome__in=[each.value for each in fit]) for state, fit in OUTCOMES.items()))


class ApplicationDraft(models.Model):
    """What a person has entered so far, for 24 hours. ``key`` travels in the address; only the browser that began it may open it."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    starts_at = models.DateTimeField()
    answers = models.JSONField(default=dict)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.key)


class Booking(models.Model):
    """A session of any kind, from request to outcome. Only ``booking.operations`` changes ``state``.

    Of a request for an immediate session the time is the moment it was sent, of an employer's the first wish, until they are confirmed.
    """

    number = models.CharField(_("受付番号"), max_length=12, unique=True)
    kind = models.CharField(_("種類"), max_length=12, choices=Kind, default=Kind.RESERVED)
    state = models.CharField(_("状態"), max_length=24, choices=State)
    source = models.CharField(_("申込方法"), max_length=12, choices=Source)
    applicant = models.ForeignKey(Person, models.PROTECT, related_name="bookings", verbose_name=_("利用者"))
    starts_at = models.DateTimeField(_("開始"))
    ends_at = models.DateTimeField(_("終了"))
    counsellor = models.ForeignKey(Counsellor, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("担当者"))
    host = models.ForeignKey(ZoomHost, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Zoomホスト"))
    requested_at = models.DateTimeField(_("申込日時"))
    answer_by = models.DateTimeField(_("回答の期限"))
    confirm_limit = models.DateTimeField(_("確定の期限"))
    confirmed_at = models.DateTimeField(_("確定日時"), null=True, blank=True)
    begun_at = models.DateTimeField(_("実施時刻を過ぎた日時"), null=True, blank=True)
    draft_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    link_generation = models.PositiveSmallIntegerField(default=1, editable=False)
    phone_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    # what the request stated where it differs from a verified person's registration, which no request ever changes (C6-2-3c, A9)
    stated_name = models.CharField(_("申込みの氏名（登録と異なるとき）"), max_length=100, blank=True)
    stated_number = models.CharField(_("申込みの求職番号（登録と異なるとき）"), max_length=14, blank=True)
    no_number_yet = models.BooleanField(_("求職番号をまだ持っていない"), default=False)
    topic = models.TextField(_("相談したいこと"), blank=True)
    companion = models.TextField(_("通訳・介助者などの同席"), blank=True)
    environment_declared_at = models.DateTimeField(_("利用環境の確認日時"), null=True, blank=True)
    eligibility = models.CharField(_("資格の確認"), max_length=12, choices=Eligibility, default=Eligibility.UNCHECKED)
    eligibility_checked_at = models.DateTimeField(_("資格の確認日時"), null=True, blank=True)
    eligibility_checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("資格を確認した職員")
    )
    counsellor_seen_at = models.DateTimeField(_("担当者の入室"), null=True, blank=True)
    delayed_at = models.DateTimeField(_("ハローワーク側の遅れの記録日時"), null=True, blank=True)
    delayed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ハローワーク側の遅れを記録した職員")
    )
    # held by telephone instead: no meeting, no way in; the office calls the registered number
    phone_at = models.DateTimeField(_("電話に切り替えた日時"), null=True, blank=True, editable=False)
    phone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("電話に切り替えた職員"))
    notice_due_at = models.DateTimeField(_("キャンセルのお知らせの予定"), null=True, blank=True)
    outcome = models.CharField(_("結果の内訳"), max_length=24, choices=Outcome, blank=True)
    outcome_asked_at = models.DateTimeField(_("結果の記録をお願いした日時"), null=True, blank=True, editable=False)
    # somebody who applied for the person and is not them (A19)
    proxy_contact = models.CharField(_("代理連絡者"), max_length=100, blank=True)
    employer_request = models.ForeignKey(
        EmployerRequest, models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name=_("求人者からの依頼")
    )

    class Meta:
        verbose_name = _("予約")
        verbose_name_plural = _("予約")
        permissions = [("open_free_text", _("相談したいこと・同席の記入を表示できる"))]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            models.UniqueConstraint(
                fields=["applicant"],
                condition=Q(kind="reserved") & (Q(state__in=["requested", "proposed"]) | Q(state="confirmed", begun_at=None)),
                name="one_open_booking_per_person",
            ),
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(kind="ad_hoc", state="requested"), name="one_waiting_request_per_person"
            ),
            models.CheckConstraint(
                condition=Q(kind="interview", employer_request__isnull=False) | (~Q(kind="interview") & Q(employer_request=None)),
                name="interview_was_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(eligibility_checked_at=None, eligibility_checked_by=None, eligibility="unchecked")
                | (Q(eligibility_checked_at__isnull=False, eligibility_checked_by__isnull=False) & ~Q(eligibility="unchecked")),
                name="eligibility_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False, counsellor__isnull=False, host__isnull=False),
                name="confirmed_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(delayed_at=None, delayed_by=None) | Q(delayed_at__isnull=False, delayed_by__isnull=False),
                name="delay_recorded_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(phone_at=None, phone_by=None) | Q(phone_at__isnull=False, phone_by__isnull=False),
                name="by_phone_through_somebody",
            ),
            models.CheckConstraint(condition=Q(outcome="") | OUTCOME_FITS, name="outcome_fits_state"),
        ]
        indexes = [
            # queries.unanswered and the sweeps: open requests by their limits
            models.Index(fields=["confirm_limit"], condition=Q(state__in=["requested", "proposed"]), name="booking_unanswered"),
            # queries.on_day and the ten-minute rule: live sessions by start
            models.Index(fields=["starts_at"], condition=Q(state="confirmed"), name="booking_confirmed_by_start"),
            models.Index(fields=["starts_at"], name="booking_by_start"),
            models.Index(fields=["notice_due_at"], condition=Q(notice_due_at__isnull=False), name="booking_notice_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {ja_time_span(self.starts_at, self.ends_at)}"

    @property
    def audit_name(self) -> str:
        return self.number

    @property
    def office_delay(self) -> bool:
        """Whether staff recorded that the office is late."""
        return self.delayed_at is not None

    @property
    def is_by_phone(self) -> bool:
        """Whether the session is held by telephone instead of Zoom."""
        return self.phone_at is not None

    @property
    def rule_state(self) -> RuleState:
        return RuleState(self.state)

    @property
    def rule_kind(self) -> RuleKind:
        return RuleKind(self.kind)

    def key_for(self, person_id: int, key: str) -> str:
        """The name of a mail to one of the booking's people: the applicant's is the plain one."""
        return key if person_id == self.applicant_id else f"{key}:{person_id}"


class BookingEvent(models.Model):
    """One step in a booking's life: who, what, from, to, when, why. Append-only. ``left``: who was to come until then."""

    class Event(models.TextChoices):
        REQUEST = RuleEvent.REQUEST.value, _("申込み")
        PROPOSE = RuleEvent.PROPOSE.value, _("日時の提案")
        ACCEPT = RuleEvent.ACCEPT.value, _("提案の承諾")
        REFUSE = RuleEvent.REFUSE.value, _("提案の辞退")
        CONFIRM = RuleEvent.CONFIRM.value, _("予約の確定")
        DECLINE = RuleEvent.DECLINE.value, _("お断り")
        EXPIRE = RuleEvent.EXPIRE.value, _("期限切れ")
        REINSTATE = RuleEvent.REINSTATE.value, _("期限切れ後の確定")
        MOVE = RuleEvent.MOVE.value, _("日時の変更")
        REPLACE = RuleEvent.REPLACE.value, _("求職者の変更")
        REASSIGN = RuleEvent.REASSIGN.value, _("担当者の変更")
        RELEASE = RuleEvent.RELEASE.value, _("確保していた日時の取りやめ")
        BY_PHONE = RuleEvent.BY_PHONE.value, _("電話への切替")
        BY_ZOOM = RuleEvent.BY_ZOOM.value, _("Zoomへの切替（電話の取りやめ）")
        WITHDRAW = RuleEvent.WITHDRAW.value, _("申込みの取下げ")
        COMPLETE = RuleEvent.COMPLETE.value, _("実施済の記録")
        CANCEL_BY_USER = RuleEvent.CANCEL_BY_USER.value, _("キャンセル（ご連絡あり）")
        CANCEL_NO_CONTACT = RuleEvent.CANCEL_NO_CONTACT.value, _("キャンセル（ご連絡なし）")
        CANCEL_BY_OFFICE = RuleEvent.CANCEL_BY_OFFICE.value, _("ハローワークの都合による中止")
        STOP = RuleEvent.STOP.value, _("途中で中止")
        CORRECT_TO_CONFIRMED = RuleEvent.CORRECT_TO_CONFIRMED.value, _("訂正：予約確定に戻す")
        CORRECT_TO_COMPLETED = RuleEvent.CORRECT_TO_COMPLETED.value, _("訂正：実施済にする")
        CORRECT_TO_CANCELLED_BY_USER = RuleEvent.CORRECT_TO_CANCELLED_BY_USER.value, _("訂正：キャンセル（ご連絡あり）にする")
        CORRECT_TO_CANCELLED_BY_OFFICE = (
            RuleEvent.CORRECT_TO_CANCELLED_BY_OFFICE.value,
            _("訂正：ハローワークの都合による中止にする"),
        )
        CORRECT_OUTCOME = RuleEvent.CORRECT_OUTCOME.value, _("訂正：結果の内訳")

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="events", verbose_name=_("予約"))
    event = models.CharField(_("できごと"), max_length=32, choices=Event)
    from_state = models.CharField(_("前の状態"), max_length=24, choices=State, blank=True)
    to_state = models.CharField(_("後の状態"), max_length=24, choices=State)
    at = models.DateTimeField(_("日時"))
    actor = models.CharField(_("行為者"), max_length=10)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("職員"))
    reason = models.CharField(_("理由"), max_length=400, blank=True)
    override = models.BooleanField(_("例外扱い"), default=False)
    left = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("参加しなくなった求職者"))

    class Meta:
        verbose_name = _("履歴")
        verbose_name_plural = _("履歴")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor="staff", by__isnull=False) | (~Q(actor="staff") & Q(by=None)), name="event_by_staff_names_staff"
            ),
            models.CheckConstraint(condition=Q(left=None) | Q(event="replace"), name="only_who_is_replaced_leaves"),
            models.CheckConstraint(condition=Q(override=False) | ~Q(reason=""), name="override_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.get_event_display()}"

    @property
    def mail_key(self) -> str:
        """The name under which the mail about this event is told once."""
        return f"{MAIL_PREFIX}{self.pk}"
