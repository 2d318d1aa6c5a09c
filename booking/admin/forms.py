"""The forms behind the buttons. Each asks only what its one operation needs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from booking.admin.doubts import DOUBT_WORDS
from booking.admin.times import free_times
from booking.models import Booking, ContactRecord, Counsellor, StopRecord, ZoomHost
from booking.models.bookings import Kind, Outcome, State
from booking.operations.corrections import CORRECTIONS
from booking.operations.delivery import closing_is_proposed
from booking.operations.no_contact import doubts
from booking.operations.transitions import last_line
from booking.queries import proposed_holds, readers_of
from booking.rules.calendar import TOKYO
from booking.rules.lifecycle import OFFICE_SIDE, Actor, Contact, Event, legal_events
from booking.rules.lifecycle import Kind as RuleKind
from booking.rules.lifecycle import State as RuleState
from booking.rules.outcomes import outcomes_of
from booking.rules.slots import is_late
from toyooka_hw.accounts.models import Person
from toyooka_hw.site import Choice
from toyooka_hw.wording import ja_time_span

FROM_THE_PERSON = [meaning.value for meaning in Contact]
REASON = _("理由")
OUTCOME = _("結果の内訳")
START_HOUR = _("開始時刻")
REASON_LENGTH = 400
CODE_NOT_TOLD = _("お電話がつながらず、番号をお伝えできませんでした。")
NO_CHOICE: list[tuple[str, str]] = [("", "－")]


def moment_field(label: Any, hour: Any = START_HOUR) -> forms.SplitDateTimeField:
    """Any minute, which the operation judges: for what does not begin at the ten starts of reservations. ``hour``: what its time is called."""
    day, at = {"type": "date", "aria-label": str(_("日付"))}, {"type": "time", "aria-label": str(hour)}
    missing = format_lazy(_("日付と{hour}を入力してください。"), hour=hour)
    return forms.SplitDateTimeField(
        label=label,
        widget=forms.SplitDateTimeWidget(date_format="%Y-%m-%d", time_format="%H:%M", date_attrs=day, time_attrs=at),
        error_messages=dict.fromkeys(("required", "incomplete", "invalid", "invalid_date", "invalid_time"), missing),
    )


class PersonField(forms.TypedChoiceField):
    """Whom it is about, where several take part: each of them is told, and says, things of their own (A18)."""

    def __init__(self, label: Any) -> None:
        errors = {"required": _("どなたのことかを選んでください。")}
        super().__init__(label=label, coerce=int, empty_value=None, widget=Choice, error_messages=errors)

    def offer(self, people: Iterable[Person]) -> None:
        self.choices = [(str(person.pk), str(person)) for person in people]


class OutcomeField(forms.ChoiceField):
    """The second level beneath this end, the usual one chosen already; where a press carries none, the usual one stands."""

    def __init__(self, ends_in: State, label: Any = OUTCOME) -> None:
        errors = {"required": _("結果の内訳を選んでください。")}
        super().__init__(label=label, required=False, widget=Choice, error_messages=errors)
        self.ends_in = RuleState(ends_in)

    def offer(self, kind: RuleKind) -> None:
        """What fits this kind of session."""
        self.choices = [(each.value, Outcome(each).label) for each in outcomes_of(kind, self.ends_in)]
        self.initial = self.choices[0][0]


class ActionForm(forms.Form):
    """A form about one booking, at one moment. ``seen``: the last line of its history that the page showed; a press from a list has none."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, booking: Booking, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.booking = booking
        self.now = now
        self.fields["seen"].initial = last_line(booking.pk)
        if isinstance(outcome := self.fields.get("outcome"), OutcomeField):
            outcome.offer(booking.rule_kind)
        if isinstance(person := self.fields.get("person"), PersonField):
            person.offer(self.people())
            if booking.kind != Kind.INTERVIEW:
                del self.fields["person"]

    def people(self) -> list[Person]:
        """Who may be meant: everybody in the session."""
        return readers_of(self.booking)


def reason_field(label: Any = REASON, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    """A reason that stays in the history."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=REASON_LENGTH,
        required=required,
        widget=forms.TextInput(attrs={"size": 60}),
        error_messages={"required": _("理由を入力してください。"), "max_length": _("400文字以内で入力してください。")},
    )


def start_field(label: Any, *, required: bool = True) -> forms.TypedChoiceField:
    """One of the free starts; the choices come with the moment."""
    return forms.TypedChoiceField(
        label=label,
        coerce=datetime.fromisoformat,
        empty_value=None,
        required=required,
        error_messages={
            "required": _("日時を選んでください。"),
            "invalid_choice": _("この日時は、ほかの予定が入ったため選べません。別の日時を選んでください。"),
        },
    )


def caller_field() -> forms.CharField:
    """Who speaks for the person (A19)."""
    return forms.CharField(
        label=_("連絡した方（ご本人以外のとき）"),
        help_text=_("例：ご家族（母）、支援機関の職員"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"size": 40}),
    )


def channel_field() -> forms.ChoiceField:
    """How staff heard of it."""
    heard = [choice for choice in ContactRecord.Channel.choices if choice[0] != ContactRecord.Channel.ONLINE]
    return forms.ChoiceField(label=_("方法"), initial=ContactRecord.Channel.PHONE, choices=heard, widget=Choice)


def note_field() -> forms.CharField:
    return forms.CharField(label=_("補足"), max_length=200, required=False, widget=forms.TextInput(attrs={"size": 60}))


class ReasonForm(ActionForm):
    reason = reason_field(help_text=_("記録に残ります。利用者には送られません。"))


class ToldReasonForm(ActionForm):
    reason = reason_field(help_text=_("利用者へのメールに、このまま書かれます。"))


class CompleteForm(ActionForm):
    """A session that was switched to the telephone was held there, unless staff say otherwise."""

    outcome = OutcomeField(State.COMPLETED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.booking.is_by_phone:
            self.fields["outcome"].initial = Outcome.HELD_BY_PHONE.value


class NoContactForm(ActionForm):
    """Where it may have been the office's doing, nothing is chosen for staff: they read what speaks for it, and decide."""

    outcome = OutcomeField(State.CANCELLED_NO_CONTACT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if found := [str(DOUBT_WORDS[doubt]) for doubt in doubts(self.booking, now=self.now) if doubt in OFFICE_SIDE]:
            field = self.fields["outcome"]
            field.required, field.initial = True, None
            field.help_text = _(
                "ハローワーク側の事情かもしれません：%(doubts)s。そのときは、この画面ではなく「中止（ハローワークの都合）」で記録してください。"
            ) % {"doubts": "、".join(found)}
        elif self.booking.is_by_phone:
            field = self.fields["outcome"]
            field.required, field.initial = True, None
            field.help_text = _("電話で行う相談です。登録の電話番号に、時間をおいて何度かおかけしてから記録してください。")


class OfficeForm(ToldReasonForm):
    """Filled in already where two calls could not tell somebody the code (C6-2-3b)."""

    outcome = OutcomeField(State.CANCELLED_BY_OFFICE, _("中止の事情"))
    field_order = ("outcome", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.booking.kind == Kind.INTERVIEW:
            self.fields["reason"].help_text = _("記録に残ります。参加される方へのメールには書かれません。")
        if any(closing_is_proposed(each) for each in self.booking.participants.prefetch_related("code_deliveries")):
            self.initial = {"outcome": Outcome.CODE_NOT_TOLD.value, "reason": CODE_NOT_TOLD}


class CancelForm(ActionForm):
    """Somebody phones or stands at the counter: who, how and why (C6-1-4a, A19)."""

    person = PersonField(_("参加できない方"))
    outcome = OutcomeField(State.CANCELLED_BY_USER, _("キャンセルの事情"))
    channel = channel_field()
    caller = caller_field()
    note = note_field()


class StopForm(ActionForm):
    """Why a session was broken off. Conduct alone asks for a category, and what is written then is for managers only (C12-1)."""

    outcome = OutcomeField(State.STOPPED, _("中止した事情"))
    category = forms.ChoiceField(
        label=_("区分（規約第12条に反する行為のときだけ）"), choices=[*NO_CHOICE, *StopRecord.Category.choices], required=False
    )
    note = forms.CharField(
        label=_("補足・経緯"),
        help_text=_("規約第12条に反する行為のときは必要です。その場合、区分と経緯は管理者だけが閲覧できます。"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


class NoteForm(ActionForm):
    reason = reason_field(_("補足"), _("記録に残ります。利用者には送られません。"), required=False)


class CallForm(ActionForm):
    """A call of ours about the booking as this page shows it."""

    person = PersonField(_("お電話した方"))
    seen = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("補足"),
        help_text=_("記録に残ります。利用者には送られません。"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 60}),
    )

    def people(self) -> list[Person]:
        """Those who were to come until somebody took their place, too."""
        left = Person.objects.filter(pk__in=self.booking.events.exclude(left=None).values("left"))
        return list(dict.fromkeys([*super().people(), *left.order_by("pk")]))


class HandsForm(ActionForm):
    """Who is to have the session, and why; ``seen`` is the last line of the history that was on the screen."""

    counsellor = forms.ModelChoiceField(Counsellor.objects.none(), label=_("担当者"), required=False, empty_label=_("空いている担当者"))
    host = forms.ModelChoiceField(ZoomHost.objects.none(), label=_("Zoomホスト"), required=False, empty_label=_("できるだけ変えない"))
    reason = reason_field(help_text=_("記録に残ります。利用者には送られません。"))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counsellor"].queryset = Counsellor.objects.filter(is_active=True).order_by("pk")  # type: ignore[attr-defined]  # the stubs know only the plain Field
        self.fields["host"].queryset = ZoomHost.objects.filter(is_active=True).order_by("pk")  # type: ignore[attr-defined]  # the stubs know only the plain Field


class MoveForm(HandsForm):
    """Another time, agreed with the person; with the same counsellor where they are free then."""

    field_order = ("start", "counsellor", "host", "reason")
    start = start_field(_("変更後の日時"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counsellor"].empty_label = _("できるだけ変えない")  # type: ignore[attr-defined]  # the stubs know only the plain Field
        if self.booking.kind != Kind.RESERVED:
            self.fields["start"] = moment_field(_("変更後の日時"))
            return
        times = free_times(now=self.now, without=self.booking, override=True)
        own = self.booking.starts_at.astimezone(TOKYO).isoformat()
        others = [(day, [choice for choice in choices if choice[0] != own]) for day, choices in times]
        self.fields["start"].choices = [*NO_CHOICE, *(group for group in others if group[1])]  # type: ignore[attr-defined]  # the stubs know only the plain Field


class ReassignForm(HandsForm):
    """Another counsellor or host at the same time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counsellor"].empty_label = _("いまの担当者のまま")  # type: ignore[attr-defined]  # the stubs know only the plain Field


class AcceptForm(ActionForm):
    """The time that the person chose. The reason is asked for only where one of the times is late."""

    start = start_field(_("利用者が選んだ日時"))
    reason = reason_field(_("例外として当日確定する（理由）"), _("本日の日時を選んだときだけ、必要です。"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spans = [hold.span for hold in proposed_holds(self.booking)]
        self.fields["start"].widget = Choice()
        self.fields["start"].choices = [  # type: ignore[attr-defined]  # the stubs know only the plain Field
            (span.lower.astimezone(TOKYO).isoformat(), ja_time_span(span.lower, span.upper)) for span in spans
        ]
        if not any(is_late(span.lower, now=self.now) for span in spans):
            del self.fields["reason"]


class ContactForm(ActionForm):
    """A call, or a word at the counter (C6-1-4a)."""

    person = PersonField(_("参加される方のうち、どなたのご連絡か"))
    channel = channel_field()
    meaning = forms.ChoiceField(
        label=_("内容"),
        choices=[choice for choice in ContactRecord.Meaning.choices if choice[0] in FROM_THE_PERSON],
        widget=Choice,
        help_text=_("「参加できない」を選ぶと、確定している予約は「キャンセル（ご連絡あり）」になり、利用者にメールでお知らせします。"),
        error_messages={"required": _("連絡の内容を選んでください。")},
    )
    caller = caller_field()
    note = note_field()
    outcome = OutcomeField(State.CANCELLED_BY_USER, _("キャンセルの事情（「参加できない」のときだけ）"))


class CorrectForm(ActionForm):
    """What the record should have said, as far as the table allows it: ``target`` is a state and the outcome beneath it."""

    target = forms.ChoiceField(label=_("正しい記録"), widget=Choice, error_messages={"required": _("正しい記録を選んでください。")})
    reason = reason_field(_("記録を訂正する（理由）"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        legal = legal_events(self.booking.rule_kind, self.booking.rule_state, Actor.STAFF)
        impossible = {
            State.CONFIRMED: self.now >= self.booking.ends_at,
            State.COMPLETED: self.now < self.booking.starts_at,
        }
        targets = [state for state, event in CORRECTIONS.items() if event in legal and not impossible.get(state)]
        if Event.CORRECT_OUTCOME in legal:
            targets.append(State(self.booking.state))
        records = [record for state in targets for record in _records(self.booking.rule_kind, state)]
        # of a stop nothing is left out: what is missing would tell of conduct (C12-1)
        present = None if self.booking.state == State.STOPPED else _record(State(self.booking.state), self.booking.outcome)
        self.fields["target"].choices = [record for record in records if record != present]  # type: ignore[attr-defined]  # the stubs know only the plain Field

    def clean_target(self) -> tuple[str, str]:
        state, _separator, outcome = self.cleaned_data["target"].partition("/")
        return state, outcome


def _records(kind: RuleKind, state: State) -> list[tuple[str, str]]:
    """What a correction may say beneath this state; conduct has a record of its own."""
    fit = [each for each in outcomes_of(kind, RuleState(state)) if each.value != Outcome.CONDUCT]
    return [_record(state, each.value) for each in fit] or [_record(state, "")]


def _record(state: State, outcome: str) -> tuple[str, str]:
    return (f"{state.value}/{outcome}", f"{state.label}：{Outcome(outcome).label}") if outcome else (state.value, str(state.label))
