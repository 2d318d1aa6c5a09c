"""The forms behind the buttons of a version. Each asks only what its one operation needs."""

import base64
import binascii
import zlib
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from consent.comparison import Correction, Row, marked
from consent.importer import MOST_BYTES
from consent.models import ChangeNotice, TermsDocument, TermsVersion
from consent.operations import Announcement
from consent.rules import Ground, is_short_notice, placeholders, usual_effect
from consent.rules.wording import APP_NAME
from consent.templatetags.terms import for_reading
from toyooka_hw.accounts.fields import LinesField
from toyooka_hw.site import Choice

_SALT = "consent.upload"


class VersionForm(forms.Form):
    """A form about one version, at one moment."""

    def __init__(self, *args: Any, version: TermsVersion, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        self.now = now


class DecisionForm(VersionForm):
    """Carries what was on the page: a draft that was changed meanwhile is not decided upon."""

    reading = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["reading"] = self.version.reading


class CheckForm(DecisionForm):
    compared = forms.BooleanField(
        label=_("題名、前文、すべての条、日付、発出者を、正文と読み合わせました。"),
        error_messages={"required": _("読み合わせてから、チェックを入れてください。")},
    )


class EditorialForm(VersionForm):
    reason = LinesField(
        label=_("形式的な改正と判断した理由"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 70}),
        help_text=_("例：法令の条番号の変更に合わせるもので、利用者の権利・義務は変わらない。"),
        error_messages={"required": _("理由を入力してください。")},
    )


class BindingForm(VersionForm):
    reason = LinesField(
        label=_("形式的な改正としない理由"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 70}),
        help_text=_("例：利用者の義務が増える条があるため、あらためて同意をお願いする。"),
        error_messages={"required": _("理由を入力してください。")},
    )


class DiscardForm(VersionForm):
    reason = LinesField(
        label=_("破棄する理由"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 70}),
        help_text=_("例：別のファイルを取り込んだ。取り直したファイルで作り直す。"),
        error_messages={"required": _("理由を入力してください。")},
    )


class FillForm(VersionForm):
    """One field per blank of the template."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blanks = dict(enumerate(placeholders(self.version.preamble, self.version.parts)))
        for place, blank in self.blanks.items():
            self.fields[f"blank_{place}"] = forms.CharField(
                label=blank,
                max_length=200,
                required=APP_NAME in blank,
                help_text="" if APP_NAME in blank else _("空欄のままにすると、このことばを取り除きます。"),
                widget=forms.TextInput(attrs={"size": 40}),
                error_messages={"required": _("正文に入れることばを入力してください。例：Zoom")},
            )

    def values(self) -> dict[str, str]:
        """Blank → the words for it."""
        return {blank: self.cleaned_data[f"blank_{place}"] for place, blank in self.blanks.items()}


class PublishForm(DecisionForm):
    """The first publication of a document: only since when it holds."""

    effective_on = forms.DateField(
        label=_("効力発生日"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("この日の0:00から適用します。最初の公表では、過去の日も指定できます。"),
        error_messages={"required": _("効力発生日を入力してください。"), "invalid": _("年月日を確かめてください。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("effective_on", self.version.dated)

    def announcement(self) -> Announcement:
        return Announcement(Ground.INITIAL, self.cleaned_data["effective_on"])


class AnnounceForm(PublishForm):
    """Everything that article 13 of C (9 of S) demands of a change."""

    ground = forms.ChoiceField(
        label=_("変更の根拠"),
        choices=[choice for choice in ChangeNotice.Ground.choices if choice[0] != Ground.INITIAL],
        widget=Choice,
        help_text=_("第13条（セミナー等は第9条）の第1号・第2号にあたらない変更は、「個別の同意による」を選びます。"),
        error_messages={"required": _("変更の根拠を選んでください。")},
    )
    clause = forms.CharField(
        label=_("根拠の条項（任意）"),
        max_length=30,
        required=False,
        help_text=_(
            "空欄のときは、根拠に応じて「第13条第1号」「第13条第2号」（セミナー等は第9条）と載せます。条番号が違うときに入力します。"
        ),
        widget=forms.TextInput(attrs={"size": 20}),
    )
    summary = LinesField(
        label=_("変更の概要"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 70}),
        help_text=_("お知らせのページとメールに載ります。"),
        error_messages={"required": _("変更の概要を入力してください。")},
    )
    reason = LinesField(
        label=_("変更の理由"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 70}),
        help_text=_("お知らせのページとメールに載ります。"),
        error_messages={"required": _("変更の理由を入力してください。")},
    )
    bureau_url = forms.URLField(
        label=_("変更後の規約を載せた兵庫労働局のページ"),
        assume_scheme="https",
        widget=forms.URLInput(attrs={"size": 70}),
        error_messages={"required": _("ページのアドレスを入力してください。"), "invalid": _("ページのアドレスを確かめてください。")},
    )
    content_matches = forms.BooleanField(
        label=_("内容の一致を確認（兵庫労働局のページの規約と、この版の本文が同じであること）"),
        error_messages={"required": _("内容の一致を確認し、チェックを入れてください。")},
    )
    short_notice = forms.BooleanField(label=_("告知から効力発生まで14日に満たないことを確認しました。"), required=False)
    field_order = ("ground", "clause", "summary", "reason", "bureau_url", "content_matches", "effective_on", "short_notice")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(effective_on=usual_effect(self.now), bureau_url=settings.BUREAU_URL)
        self.fields["effective_on"].help_text = _("この日の0:00から適用します。30日以上前の告知をおすすめします。早くても翌日です。")

    def clean(self) -> None:
        on = self.cleaned_data.get("effective_on")
        if on and is_short_notice(on, now=self.now) and not self.cleaned_data.get("short_notice"):
            self.add_error("short_notice", _("告知から効力発生まで14日ありません。日を改めるか、確認のチェックを入れてください。"))

    def announcement(self) -> Announcement:
        asked = ("clause", "summary", "reason", "bureau_url", "content_matches", "effective_on")
        return Announcement(Ground(self.cleaned_data["ground"]), **{name: self.cleaned_data[name] for name in asked})


class PointsForm(VersionForm):
    """The 要点 of every article, each in its own field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readings = for_reading(self.version.articles, self.version.points.all())
        for article in self.readings:
            self.fields[f"point_{article.key}"] = LinesField(
                label=article.caption,
                max_length=400,
                required=False,
                initial=article.point,
                widget=forms.Textarea(attrs={"rows": 2, "cols": 70}),
                error_messages={"max_length": _("400文字以内で入力してください。")},
            )

    def changed(self) -> dict[str, str]:
        """Article → its new words, of those that were changed."""
        typed = {article.key: (article.point, self.cleaned_data[f"point_{article.key}"]) for article in self.readings}
        return {key: words for key, (before, words) in typed.items() if words != before}


class CorrectForm(forms.Form):
    """A row of the 新旧対照表: where its marks stand, and its remark. ``corrected``: it may also go back to the automatic row."""

    def __init__(self, *args: Any, row: Row, corrected: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, cell in (("new", _("改正後"), row.new), ("old", _("改正前"), row.old)):
            if cell:
                self.fields[name] = LinesField(
                    label=label,
                    strip=False,
                    initial=marked(cell.runs),
                    help_text=_("傍線を引くところを [[ と ]] で囲みます。本文そのものは変えられません。"),
                    widget=forms.Textarea(attrs={"rows": 8, "cols": 70}),
                    error_messages={"required": _("本文は変えられません。")},
                )
        self.fields["remark"] = forms.CharField(label=_("備考"), max_length=100, required=False, initial=row.remark)
        if corrected:
            self.fields["automatic"] = forms.BooleanField(label=_("訂正をやめて、自動の対照に戻す"), required=False)

    def correction(self) -> Correction:
        if self.cleaned_data.get("automatic"):
            return Correction()
        return Correction(new=self.cleaned_data.get("new"), old=self.cleaned_data.get("old"), remark=self.cleaned_data["remark"])


class UploadForm(forms.Form):
    """The office's file."""

    file = forms.FileField(
        label=_("規約の文字を取り出したファイル（テキスト）"),
        help_text=_("UTF-8またはShift_JIS、1MBまで。次の画面で内容を確かめるまで、何も保存されません。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,text/plain"}),
        error_messages={
            "required": _("ファイルを選んでください。"),
            "empty": _("ファイルが空です。"),
            "invalid": _("ファイルを選んでください。"),
        },
    )

    def read(self) -> tuple[str, bytes]:
        """The file's name, and its bytes or as many as show that it is too large."""
        file = self.cleaned_data["file"]
        return file.name, file.read(MOST_BYTES + 1)


class ImportForm(forms.Form):
    """The file once more, as the preview understood it: signed, so that what is saved is what was looked at."""

    parcel = forms.CharField(widget=forms.HiddenInput)

    def clean_parcel(self) -> tuple[str, bytes]:
        try:
            name, packed = signing.loads(self.cleaned_data["parcel"], salt=_SALT)
            return name, zlib.decompress(base64.b64decode(packed))
        except (signing.BadSignature, ValueError, binascii.Error, zlib.error) as error:
            raise forms.ValidationError(_("ファイルをもう一度選んでください。")) from error


def parcel(name: str, raw: bytes) -> str:
    """The file as the preview's form carries it."""
    return signing.dumps([name, base64.b64encode(zlib.compress(raw)).decode()], salt=_SALT)


class DocumentForm(forms.Form):
    """One of the documents that this person has agreed to."""

    document = forms.ModelChoiceField(
        TermsDocument.objects.none(),
        label=_("利用規約"),
        to_field_name="code",
        widget=Choice,
        empty_label=None,
        error_messages={"required": _("利用規約を選んでください。"), "invalid_choice": _("利用規約を選んでください。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = TermsDocument.objects.order_by("pk")  # type: ignore[attr-defined]  # the stubs know only the plain Field
