"""The form for a meeting that staff made at Zoom's site: what Zoom shows there, typed or pasted."""

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.forms import ActionForm
from booking.rules.by_hand import Fault, fault_of

_BETWEEN = re.compile(r"[\s‐‑‒–—―─−ー-]")  # what stands between the groups of a meeting id
FAULT_WORDS = {
    Fault.ELSEWHERE: gettext_lazy(
        "Zoomの参加用アドレスではありません。Zoomの画面の「招待リンク」（https:// で始まり、zoom.us を含むもの）を貼り付けてください。"
    ),
    Fault.HOSTS_OWN: gettext_lazy(
        "これは主催者がミーティングを始めるためのアドレスです。参加される方が主催者になってしまいます。「招待リンク」を貼り付けてください。"
    ),
    Fault.OTHER_MEETING: gettext_lazy("参加用アドレスの番号が、ミーティングIDと違います。同じミーティングのものを入力してください。"),
}


class MeetingIdField(forms.CharField):
    """Nine to eleven digits; width, spaces and hyphens do not matter."""

    def to_python(self, value: Any) -> str:
        return _BETWEEN.sub("", unicodedata.normalize("NFKC", super().to_python(value) or ""))


class PasscodeField(forms.CharField):
    """One to ten signs, as Zoom takes them."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "")


class ManualLinkForm(ActionForm):
    """What is typed stays in the form where something is wrong; it is kept nowhere else (C6-2-3a)."""

    join_url = forms.CharField(
        label=gettext_lazy("参加用アドレス（招待リンク）"),
        max_length=500,
        widget=forms.TextInput(attrs={"size": 70, "autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        error_messages={
            "required": gettext_lazy("参加用アドレスを入力してください。"),
            "max_length": gettext_lazy("アドレスが長すぎます。「招待リンク」だけを貼り付けてください。"),
        },
    )
    meeting_id = MeetingIdField(
        label=gettext_lazy("ミーティングID"),
        help_text=gettext_lazy("9～11けたの数字。空白やハイフンが入っていてもかまいません。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        validators=[RegexValidator(r"\A[1-9][0-9]{8,10}\Z", gettext_lazy("ミーティングIDは、9～11けたの数字で入力してください。"))],
        error_messages={"required": gettext_lazy("ミーティングIDを入力してください。")},
    )
    passcode = PasscodeField(
        label=gettext_lazy("パスコード"),
        help_text=gettext_lazy("1～10文字の英数字。大文字と小文字も、Zoomの画面のとおりに入力してください。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        validators=[RegexValidator(r"\A[!-~]{1,10}\Z", gettext_lazy("パスコードは、10文字までの英数字で入力してください。"))],
        error_messages={"required": gettext_lazy("パスコードを入力してください。パスコードのないミーティングは使えません。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if host := self.booking.host:
            self.fields["join_url"].help_text = _("この予約のZoomホスト：%(host)s（%(email)s）") % {"host": host, "email": host.email}

    def clean_meeting_id(self) -> int:
        return int(self.cleaned_data["meeting_id"])

    def clean(self) -> None:
        address = self.cleaned_data.get("join_url")
        fault = fault_of(address, self.cleaned_data.get("meeting_id"), settings.ZOOM_WEB_URLS) if address else None
        if fault:
            self.add_error("join_url", FAULT_WORDS[fault])
