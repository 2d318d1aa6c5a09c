"""What a seminar is: the form in which staff write it down, each complaint beside its field."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.forms import moment_field
from booking.models import Counsellor, Seminar, ZoomHost
from booking.operations.seminars.giving import Over
from booking.rules.calendar import TOKYO, tokyo, tokyo_date
from toyooka_hw.site import Choice

MOST = 500
OVER_WORDS = {
    Over.KEEP: gettext_lazy("全員の席を残す（定員を超えたまま、新しい申込みはキャンセル待ちになります）"),
    Over.LAST_WAIT: gettext_lazy("あとから申し込んだ方をキャンセル待ちに戻す（メールでお知らせします）"),
}


class ContentForm(forms.ModelForm):
    """``ends``: a seminar ends on the day on which it begins. ``over`` is asked only once there are fewer seats than people."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    starts_at = moment_field(gettext_lazy("開始"))
    ends = forms.TimeField(
        label=gettext_lazy("終了の時刻（同じ日）"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("終了の時刻を入力してください。")),
    )
    opens_at = moment_field(gettext_lazy("申込みの開始"), gettext_lazy("時刻"))
    closes_at = moment_field(gettext_lazy("申込みの締切り"), gettext_lazy("時刻"))
    capacity = forms.IntegerField(
        label=gettext_lazy("定員"),
        min_value=1,
        max_value=MOST,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), gettext_lazy("定員を、1～500の数字で入力してください。")
        ),
    )
    functions = forms.MultipleChoiceField(
        label=gettext_lazy("使用できる機能（第4条）"), choices=Seminar.Function, required=False, widget=forms.CheckboxSelectMultiple
    )
    counsellor = forms.ModelChoiceField(
        Counsellor.objects.none(), label=gettext_lazy("担当者"), error_messages={"required": gettext_lazy("担当者を選んでください。")}
    )
    host = forms.ModelChoiceField(
        ZoomHost.objects.none(), label=gettext_lazy("Zoomホスト"), required=False, empty_label=gettext_lazy("担当者の標準のZoomホスト")
    )
    field_order = (
        *("kind", "organiser", "title", "description", "audience", "materials", "starts_at", "ends", "opens_at", "closes_at"),
        *("capacity", "waiting_places", "counsellor", "host", "functions", "access_support", "will_record"),
    )

    class Meta:
        model = Seminar
        fields = (
            *("kind", "organiser", "title", "description", "audience", "materials", "starts_at", "opens_at", "closes_at"),
            *("capacity", "waiting_places", "counsellor", "host", "functions", "access_support", "will_record"),
        )
        widgets = {
            "kind": Choice,
            "organiser": Choice,
            "title": forms.TextInput(attrs={"size": 60}),
            "description": forms.Textarea(attrs={"rows": 6, "cols": 60}),
            "materials": forms.Textarea(attrs={"rows": 3, "cols": 60}),
            "audience": forms.TextInput(attrs={"size": 60}),
            "access_support": forms.TextInput(attrs={"size": 60}),
        }
        help_texts = {
            "audience": gettext_lazy("例：在宅での仕事に関心のある方"),
            "materials": gettext_lazy("参加される方のページとメールに書かれます。"),
            "waiting_places": gettext_lazy("人数です。空欄なら、上限はありません。"),
            "access_support": gettext_lazy("例：手話通訳、字幕、資料の事前送付"),
            "will_record": gettext_lazy(
                "講師・出演者の全員について、録画への同意を記録してから付けてください（第4条第5項）。案内・申込み・入室のページに「録画します」と表示します。"
            ),
        }
        error_messages = {
            "title": {"required": gettext_lazy("名称を入力してください。"), "max_length": gettext_lazy("100文字以内で入力してください。")},
            "description": {"required": gettext_lazy("内容を入力してください。")},
            "waiting_places": dict.fromkeys(
                ("invalid", "min_value", "max_value"),
                gettext_lazy("キャンセル待ちの上限を数字で入力してください。上限がないときは、空欄にしてください。"),
            ),
            "audience": {"max_length": gettext_lazy("200文字以内で入力してください。")},
            "access_support": {"max_length": gettext_lazy("200文字以内で入力してください。")},
        }

    def __init__(self, *args: Any, now: datetime, last: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seminar: Seminar = self.instance
        self.initial["seen"] = last
        if seminar.pk:
            self.initial["ends"] = seminar.ends_at.astimezone(TOKYO).time()
        else:
            del self.fields["will_record"]  # nobody speaks yet, so nobody can have agreed to it
            self.initial["opens_at"] = now.replace(second=0, microsecond=0)
        for name, rows, present in (
            ("counsellor", Counsellor.objects.all(), seminar.counsellor_id),
            ("host", ZoomHost.objects.all(), seminar.host_id),
        ):
            self.fields[name].queryset = rows.filter(Q(is_active=True) | Q(pk=present)).order_by("pk")  # type: ignore[attr-defined]  # the stubs know only the plain Field
        if "over" in self.data:
            self._ask()

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        if filled.get("counsellor") and not filled.get("host"):
            filled["host"] = filled["counsellor"].default_host
            if filled["host"] is None:
                self.add_error("host", _("この担当者には標準のZoomホストがありません。Zoomホストを選んでください。"))
        self._check_moments(filled)
        return filled

    def ask_about_seats(self, words: str) -> None:
        """There would be fewer seats than people: ask what becomes of them."""
        self._ask()
        self.add_error("over", words)

    def look_again(self, words: str, last: int | None) -> None:
        """A colleague was faster: what is pressed next is meant for the history as it stands now."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as it is bound
        self.data["seen"] = last  # type: ignore[index]  # the copy may be written to
        self.add_error(None, words)

    def _ask(self) -> None:
        choices = [(way.value, words) for way, words in OVER_WORDS.items()]
        self.fields["over"] = forms.ChoiceField(label=_("席のある方の取扱い"), choices=choices, required=False, widget=Choice)
        self.order_fields(["over"])

    def _check_moments(self, filled: dict[str, Any]) -> None:
        starts, ends, opens, closes = (filled.get(name) for name in ("starts_at", "ends", "opens_at", "closes_at"))
        if starts and ends:
            self.instance.ends_at = _on_the_day(starts, ends)
            if self.instance.ends_at <= starts:
                self.add_error("ends", _("終了の時刻は、開始より後にしてください。"))
        if starts and closes and closes > starts:
            self.add_error("closes_at", _("申込みの締切りは、開始の日時までにしてください。"))
        if opens and closes and opens >= closes:
            self.add_error("opens_at", _("申込みの開始は、締切りより前にしてください。"))


def _on_the_day(starts: datetime, hour: time) -> datetime:
    return tokyo(tokyo_date(starts), hour)
