"""What staff are asked when they settle an interview: when, with whom, under which consent (A18)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.deciding import taker_field
from booking.admin.forms import NO_CHOICE, channel_field, reason_field, start_field
from booking.admin.times import Choices
from booking.models import Counsellor, EmployerRequest, ZoomHost
from booking.models.bookings import Source, State
from booking.operations.invitations import Seeker, Told
from booking.queries import situation
from booking.rules import office_hours
from booking.rules.calendar import TOKYO, tokyo, tokyo_date
from booking.rules.interval import Interval
from booking.rules.slots import Situation, SlotRefused, assign, span_of
from consent.forms import ShownForm
from toyooka_hw.accounts.models import Person
from toyooka_hw.wording import ja_short_datetime, ja_time

GUIDED = gettext_lazy("規約の案内をして同意を得た（電話・窓口）")


class SeekerForm(ShownForm):
    """Who takes part. Consent is asked for only where none is on record; ``again`` only of somebody who is in the request already."""

    ticks = ("guided",)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    guided = forms.BooleanField(
        label=GUIDED, error_messages={"required": gettext_lazy("規約をご案内し、同意を得てから、チェックを入れてください。")}
    )
    source = channel_field()
    again = forms.BooleanField(
        label=gettext_lazy("同じ依頼の、別の面接にも参加していただく"), help_text=gettext_lazy("理由も入力してください。"), required=False
    )
    reason = reason_field(help_text=gettext_lazy("記録に残ります。参加される方には送られません。"), required=False)

    def __init__(self, *args: Any, seeker: Person | None, consented: bool, twice: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = seeker
        spared = {"shown": consented, "guided": consented, "source": consented, "again": not twice}
        for name in (name for name, is_spared in spared.items() if is_spared or seeker is None):
            del self.fields[name]

    @property
    def seeker(self) -> Seeker | None:
        """The job seeker as the operation takes them."""
        if self.person is None:
            return None
        filled = self.cleaned_data
        told = Told(filled["shown"], Source(filled["source"])) if "shown" in filled else None
        return Seeker(self.person.pk, told, again=filled.get("again", False))


class ReplaceForm(SeekerForm):
    """Another job seeker: that needs a reason."""

    reason = reason_field(help_text=gettext_lazy("記録に残ります。参加される方には送られません。"))


class ArrangeForm(SeekerForm):
    """When the session is, and with whom; the employer's wishes come first."""

    start = start_field(gettext_lazy("日時（ご希望の日時から）"), required=False)
    day = forms.DateField(label=gettext_lazy("ほかの日"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    at = forms.TimeField(
        label=gettext_lazy("ほかの日の開始時刻"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    counsellor = taker_field(
        Counsellor, gettext_lazy("担当者"), gettext_lazy("空いている担当者"), gettext_lazy("担当者を選び直してください。")
    )
    host = taker_field(
        ZoomHost, gettext_lazy("Zoomホスト"), gettext_lazy("担当者に合わせる"), gettext_lazy("Zoomホストを選び直してください。")
    )
    field_order = ("start", "day", "at", "counsellor", "host", "guided", "source", "again", "reason")

    def __init__(self, *args: Any, asked: EmployerRequest, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].choices = [*NO_CHOICE, *wished_times(asked, now=now)]  # type: ignore[attr-defined]  # the stubs know only the plain Field

    def clean(self) -> dict[str, Any]:
        """One moment: a wish, or a day and a time of staff's own."""
        filled = super().clean() or {}
        day, at = filled.get("day"), filled.get("at")
        if bool(day) != bool(at) and not self.errors:
            self.add_error("at" if day else "day", _("ほかの日時にするときは、日と開始時刻の両方を入力してください。"))
        elif not self.errors and bool(filled.get("start")) == bool(day):
            self.add_error("start", _("日時を、ご希望の日時から選ぶか、ほかの日時として入力してください（どちらか一方）。"))
        elif day and at:
            filled["start"] = tokyo(day, at)
        return filled


def wished_times(asked: EmployerRequest, *, now: datetime) -> Choices:
    """From each wish on as many sessions in a row as people are to come, as far as the office has somebody free. One query."""
    ahead = [start for start in asked.candidates if start > now]
    if not ahead:
        return []
    seen = situation(tokyo_date(min(ahead)), tokyo_date(max(ahead)), now=now)
    taken = [Interval(row.starts_at, row.ends_at) for row in asked.sessions.all() if row.state == State.CONFIRMED]
    length = timedelta(minutes=seen.policy.slot_minutes)
    groups = [(ja_short_datetime(wish), list(_series(wish, asked.people, length))) for wish in ahead]
    return [
        (_("ご希望 %(wish)s から") % {"wish": label}, choices)
        for label, starts in groups
        if (choices := [_choice(start, seen) for start in starts if _is_free(start, seen, taken)])
    ]


def _series(wish: datetime, people: int, length: timedelta) -> Iterator[datetime]:
    return (wish + number * length for number in range(people))


def _is_free(start: datetime, seen: Situation, taken: list[Interval]) -> bool:
    span = span_of(start, seen.policy)
    if office_hours.refusals(start, seen) or any(span.overlaps(other) for other in taken):
        return False
    try:
        assign(start, office_hours.as_asked(start, seen, presence=seen.policy.interview_presence_minutes))
    except SlotRefused:
        return False
    return True


def _choice(start: datetime, seen: Situation) -> tuple[str, str]:
    return start.astimezone(TOKYO).isoformat(), f"{ja_short_datetime(start)}～{ja_time(span_of(start, seen.policy).end)}"
