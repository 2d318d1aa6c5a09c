"""Seminars and company tours under the second terms document: what is offered, who speaks, who comes, and what was done about it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.calendar import Counsellor, ZoomHost
from booking.rules.seminars import Event as RuleEvent
from booking.rules.seminars import Seat as RuleSeat
from booking.rules.seminars import State as RuleState
from booking.rules.seminars import Times
from consent.models import Consent
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.wording import ja_time_span

MAIL_PREFIX = "seminar:"


def seminar_id_in(key: str) -> int:
    """Which seminar the mail of this name is about (``Seminar.mails_to``)."""
    return int(key.removeprefix(MAIL_PREFIX).partition(":")[0])


class Seminar(models.Model):
    """One event for many (S0-1). Only ``booking.operations.seminars`` changes ``state``.

    ``functions``: what of the meeting app may be used (S4-4b). ``will_record``: the office records it, and says so everywhere (S4-5).
    ``zoom_guests``: how many guests Zoom told of, kept because its notices are not; None where it told nothing.
    """

    class Kind(models.TextChoices):
        SEMINAR = "seminar", _("セミナー")
        COMPANY_TOUR = "company_tour", _("企業見学会")
        OTHER = "other", _("その他の催し")

    class Organiser(models.TextChoices):
        OFFICE = "office", _("ハローワーク豊岡")
        BUREAU = "bureau", _("兵庫労働局")

    class State(models.TextChoices):
        DRAFT = RuleState.DRAFT.value, _("下書き")
        PUBLISHED = RuleState.PUBLISHED.value, _("公開中")
        SUSPENDED = RuleState.SUSPENDED.value, _("一時中止")
        ENDED_EARLY = RuleState.ENDED_EARLY.value, _("途中で終了")
        CANCELLED = RuleState.CANCELLED.value, _("中止")
        HELD = RuleState.HELD.value, _("実施済")

    class Function(models.TextChoices):
        CHAT = "chat", _("チャット（主催者あて）")
        QUESTIONS = "questions", _("質問（Q&A）")
        REACTIONS = "reactions", _("リアクション・挙手")
        MICROPHONE = "microphone", _("マイク（指名されたとき）")
        CAMERA = "camera", _("カメラ")
        POLLS = "polls", _("アンケート")

    number = models.CharField(_("受付番号"), max_length=12, unique=True, editable=False)
    kind = models.CharField(_("種類"), max_length=12, choices=Kind, default=Kind.SEMINAR)
    organiser = models.CharField(_("主催"), max_length=8, choices=Organiser, default=Organiser.OFFICE)
    state = models.CharField(_("状態"), max_length=12, choices=State, default=State.DRAFT, editable=False)
    title = models.CharField(_("名称"), max_length=100)
    description = models.TextField(_("内容"))
    audience = models.CharField(_("対象の方"), max_length=200, blank=True)
    materials = models.TextField(_("資料・持ち物"), blank=True)
    starts_at = models.DateTimeField(_("開始"))
    ends_at = models.DateTimeField(_("終了"))
    opens_at = models.DateTimeField(_("申込みの開始"))
    closes_at = models.DateTimeField(_("申込みの締切り"))
    capacity = models.PositiveSmallIntegerField(_("定員"))
    waiting_places = models.PositiveSmallIntegerField(_("キャンセル待ちの上限"), null=True, blank=True)
    functions = ArrayField(models.CharField(max_length=12, choices=Function), verbose_name=_("使用できる機能"), default=list, blank=True)
    access_support = models.CharField(_("配慮できること"), max_length=200, blank=True)
    will_record = models.BooleanField(_("録画する"), default=False)
    counsellor = models.ForeignKey(Counsellor, models.PROTECT, related_name="seminars", verbose_name=_("担当者"))
    host = models.ForeignKey(ZoomHost, models.PROTECT, related_name="+", verbose_name=_("Zoomホスト"))
    created_at = models.DateTimeField(editable=False)
    zoom_guests = models.PositiveSmallIntegerField(_("Zoomに入室した数"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("セミナー・企業見学会")
        verbose_name_plural = _("セミナー・企業見学会")
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at"), starts_at__gte=F("closes_at"), ends_at__gt=F("starts_at")),
                name="seminar_moments_in_order",
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=500), name="seminar_has_seats"),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="seminar_by_start")]  # the public list, and what is to be closed

    def __str__(self) -> str:
        return f"{self.title} {ja_time_span(self.starts_at, self.ends_at)}"

    @property
    def audit_name(self) -> str:
        return self.number

    def mails_to(self, reader: object) -> str:
        """How the names of all mails about it to this reader begin: a registration, or an employer's contact as ``partner:<id>``."""
        return f"{MAIL_PREFIX}{self.pk}:{reader}:"

    @property
    def rule_state(self) -> RuleState:
        return RuleState(self.state)

    @property
    def times(self) -> Times:
        """Its four moments."""
        return Times(opens_at=self.opens_at, closes_at=self.closes_at, starts_at=self.starts_at, ends_at=self.ends_at)

    @property
    def functions_in_words(self) -> list[str]:
        """What of the meeting app may be used (S4-4b)."""
        return [str(self.Function(each).label) for each in self.functions]


class SeminarSpeaker(models.Model):
    """Who speaks. Without a consent of each of them on record nothing is recorded (S4-5)."""

    seminar = models.ForeignKey(Seminar, models.CASCADE, related_name="speakers", verbose_name=_("催し"))
    name = models.CharField(_("氏名"), max_length=100)
    affiliation = models.CharField(_("所属"), max_length=100, blank=True)
    recording_agreed_at = models.DateTimeField(_("録画への同意"), null=True, blank=True)
    recording_recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("同意を記録した職員")
    )

    class Meta:
        verbose_name = _("講師・出演者")
        verbose_name_plural = _("講師・出演者")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recording_agreed_at=None, recording_recorded_by=None)
                | Q(recording_agreed_at__isnull=False, recording_recorded_by__isnull=False),
                name="recording_consent_recorded_by_somebody",
            ),
            models.UniqueConstraint(fields=["seminar", "name", "affiliation"], name="speaker_once_per_seminar"),
        ]

    def __str__(self) -> str:
        return self.name


class SeminarPartner(models.Model):
    """An employer's contact who takes part in giving it: of a company tour, the company."""

    seminar = models.ForeignKey(Seminar, models.CASCADE, related_name="partners", verbose_name=_("催し"))
    contact = models.ForeignKey(Person, models.PROTECT, related_name="seminars", verbose_name=_("人事担当者"))
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("同意の記録"))
    first_joined_at = models.DateTimeField(_("最初の入室"), null=True, blank=True)

    class Meta:
        verbose_name = _("共催の事業所")
        verbose_name_plural = _("共催の事業所")
        constraints = [models.UniqueConstraint(fields=["seminar", "contact"], name="partner_once_per_seminar")]

    def __str__(self) -> str:
        return str(self.contact)

    @property
    def reader(self) -> Person:
        """Who is told of it: the contact, or whom their row was merged into since."""
        return self.contact.merged_into or self.contact


class SeminarEvent(models.Model):
    """One step in a seminar's life: what, from, to, when, by whom, why. Append-only. ``tells``: whoever registered is told of it."""

    class Event(models.TextChoices):
        CREATE = RuleEvent.CREATE.value, _("登録")
        CHANGE = RuleEvent.CHANGE.value, _("内容の変更")
        PUBLISH = RuleEvent.PUBLISH.value, _("公開")
        SUSPEND = RuleEvent.SUSPEND.value, _("一時中止")
        RESUME = RuleEvent.RESUME.value, _("再開")
        END_EARLY = RuleEvent.END_EARLY.value, _("途中で終了")
        CANCEL = RuleEvent.CANCEL.value, _("中止")
        CLOSE = RuleEvent.CLOSE.value, _("実施済の記録")

    seminar = models.ForeignKey(Seminar, models.PROTECT, related_name="events", verbose_name=_("催し"))
    event = models.CharField(_("できごと"), max_length=12, choices=Event)
    from_state = models.CharField(_("前の状態"), max_length=12, choices=Seminar.State, blank=True)
    to_state = models.CharField(_("後の状態"), max_length=12, choices=Seminar.State)
    at = models.DateTimeField(_("日時"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("職員"))
    reason = models.CharField(_("理由"), max_length=400, blank=True)
    tells = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("催しの履歴")
        verbose_name_plural = _("催しの履歴")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.seminar_id} {self.get_event_display()}"

    @property
    def about(self) -> str:
        """What a mail about it is called, after whom it is to; that it was published has one name for good."""
        if self.event == self.Event.PUBLISH:
            return "published"
        return f"{'change' if self.event == self.Event.CHANGE else 'step'}:{self.pk}"


class Registration(models.Model):
    """Somebody's place in a seminar, or in its waiting list: the order is that of the ids.

    ``clause``: the item of article 6 for which the office removed them, from this event only (S8-2). ``companion``: a restricted text.
    """

    class Seat(models.TextChoices):
        SEATED = RuleSeat.SEATED.value, _("参加確定")
        WAITING = RuleSeat.WAITING.value, _("キャンセル待ち")
        OFFERED = RuleSeat.OFFERED.value, _("空席のご案内中")
        WITHDRAWN = RuleSeat.WITHDRAWN.value, _("取消し")
        LAPSED = RuleSeat.LAPSED.value, _("ご案内の期限切れ・辞退")
        REMOVED = RuleSeat.REMOVED.value, _("参加の停止")

    class Attendance(models.TextChoices):
        UNKNOWN = "", _("未記録")
        ATTENDED = "attended", _("参加")
        ABSENT = "absent", _("不参加")

    class Clause(models.IntegerChoices):
        FIRST = 1, _("第6条第1号")
        SECOND = 2, _("第6条第2号")
        THIRD = 3, _("第6条第3号")
        FOURTH = 4, _("第6条第4号")
        FIFTH = 5, _("第6条第5号")
        SIXTH = 6, _("第6条第6号")
        SEVENTH = 7, _("第6条第7号")

    seminar = models.ForeignKey(Seminar, models.PROTECT, related_name="registrations", verbose_name=_("催し"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="registrations", verbose_name=_("利用者"))
    number = models.CharField(_("受付番号"), max_length=12, unique=True, editable=False)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+", verbose_name=_("同意の記録"))
    seat = models.CharField(_("状態"), max_length=10, choices=Seat)
    registered_at = models.DateTimeField(_("申込日時"))
    by_staff = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("受け付けた職員"))
    companion = models.TextField(_("通訳・介助者などの同席"), blank=True)
    environment_declared_at = models.DateTimeField(_("利用環境の確認"), null=True, blank=True)
    answer_by = models.DateTimeField(_("お返事の期限"), null=True, blank=True)
    changed_at = models.DateTimeField(_("状態の変更日時"))
    clause = models.PositiveSmallIntegerField(_("該当する号"), choices=Clause, null=True, blank=True)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("停止した職員"))
    removed_why = models.CharField(_("停止の理由"), max_length=400, blank=True)
    first_joined_at = models.DateTimeField(_("最初の入室"), null=True, blank=True)
    attendance = models.CharField(_("出欠"), max_length=10, choices=Attendance, blank=True)
    link_generation = models.PositiveSmallIntegerField(default=1, editable=False)
    draft_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("参加申込み")
        verbose_name_plural = _("参加申込み")
        constraints = [
            models.UniqueConstraint(
                fields=["seminar", "person"],
                condition=Q(seat__in=["seated", "waiting", "offered"]),
                name="one_open_registration_per_person",
            ),
            models.CheckConstraint(condition=Q(seat="offered") ^ Q(answer_by=None), name="offers_alone_have_a_limit"),
            models.CheckConstraint(
                condition=Q(seat="removed", clause__isnull=False, removed_by__isnull=False)
                | (~Q(seat="removed") & Q(clause=None, removed_by=None)),
                name="removal_names_item_and_staff",
            ),
        ]
        indexes = [models.Index(fields=["answer_by"], condition=Q(seat="offered"), name="registration_offers")]  # the sweep

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def audit_name(self) -> str:
        return self.number

    @property
    def rule_seat(self) -> RuleSeat:
        return RuleSeat(self.seat)

    @property
    def reader(self) -> Person:
        """Who is told of it: the person, or whom their row was merged into since."""
        return self.person.merged_into or self.person


class RegistrationEvent(models.Model):
    """One step of a registration: from, to, when, by whom; the portal itself where ``by`` is empty and ``by_person`` false. Append-only."""

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="events", verbose_name=_("参加申込み"))
    from_seat = models.CharField(_("前の状態"), max_length=10, choices=Registration.Seat, blank=True)
    to_seat = models.CharField(_("後の状態"), max_length=10, choices=Registration.Seat)
    at = models.DateTimeField(_("日時"))
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("職員"))
    by_person = models.BooleanField(_("本人"), default=False)

    class Meta:
        verbose_name = _("参加申込みの履歴")
        verbose_name_plural = _("参加申込みの履歴")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.get_to_seat_display()}"

    @property
    def about(self) -> str:
        """What a mail about it is called, after whom it is to."""
        return f"seat:{self.pk}"
