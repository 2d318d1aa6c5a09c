"""What stood on the screen travels signed: the version that was read, the words that were ticked, and when."""

from datetime import datetime

from django import forms
from django.core import signing
from django.utils.translation import gettext as _

from consent.models import TermsVersion
from consent.operations import Shown
from toyooka_hw.wording import reiwa

_SALT = "consent.shown"


class ShownForm(forms.Form):
    """The signed note of what was shown; ``cleaned_data["shown"]`` is a Shown, or the form is invalid."""

    shown = forms.CharField(widget=forms.HiddenInput)
    ticks: tuple[str, ...] = ()  # what is agreed to, by the names of its fields

    def clean_shown(self) -> Shown:
        try:
            version_id, label, at = signing.loads(self.cleaned_data["shown"], salt=_SALT)
        except signing.BadSignature as error:
            raise forms.ValidationError(_("画面を開き直してから、もう一度お試しください。")) from error
        return Shown(version_id, label, datetime.fromisoformat(at))

    def ask_again(self, shown: str) -> None:
        """Another version binds by now: the form carries its note, and what was ticked for the other one is asked anew (C13-0)."""
        self.data = {name: value for name, value in self.data.items() if name not in self.ticks} | {"shown": shown}


def signed(shown: Shown) -> str:
    """The note as a form carries it."""
    return signing.dumps([shown.version_id, shown.label, shown.at.isoformat()], salt=_SALT)


def agreement_label(version: TermsVersion) -> str:
    """The words beside the box that agrees to this version (C0-2)."""
    return _("利用規約（%(date)s版）を読み、同意します。") % {"date": reiwa(version.dated)}


def application_label() -> str:
    """The words beside the button that sends an application: what the press implies (C0-3)."""
    return _("お申込みをもって、利用規約に同意したものとみなします。")
