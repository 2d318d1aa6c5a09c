"""Forms with which staff set up and renew their own way in: password, app, recovery codes."""

import base64
import io
from typing import Any

import qrcode
import qrcode.image.svg
from django import forms
from django.contrib.auth import authenticate, password_validation
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import device_for, new_key, plain

WRONG_CODE = _("番号が正しくありません。認証アプリにいま表示されている6けたの番号を入力してください。")
SECRET = {"autocomplete": "new-password"}


class StillMe(forms.Form):
    """Asks for the present password: an open screen alone changes nothing of the way in. Wrong ones count like at the login."""

    password_now = forms.CharField(
        label=_("いまのパスワード"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password_now(self) -> str:
        password = str(self.cleaned_data["password_now"])
        if authenticate(self.request, username=self.request.user.get_username(), password=password) is None:
            raise forms.ValidationError(_("パスワードが正しくありません。"))
        return password


class OfUser(forms.Form):
    """A form about one member of staff."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class NewPassword(OfUser):
    """A password chosen by its owner, typed twice."""

    password = forms.CharField(
        label=_("新しいパスワード"),
        strip=False,
        widget=forms.PasswordInput(attrs=SECRET, render_value=True),
        help_text=_("10文字以上。名前やユーザー名に似たもの、よく使われるものは使えません。"),
    )
    password_again = forms.CharField(
        label=_("新しいパスワード（もう一度）"), strip=False, widget=forms.PasswordInput(attrs=SECRET, render_value=True)
    )

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"password", "password_again"} <= cleaned.keys() and cleaned["password"] != cleaned["password_again"]:
            self.add_error("password_again", _("2つのパスワードが一致しません。"))
        return cleaned


class NewApp(OfUser):
    """The key that the app is to hold, drawn as a QR code, and the six digits that show it does.

    The key travels signed in the form, so that a wrong digit does not ask for another scan; it is no secret to its owner.
    """

    key = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("認証アプリに表示された番号（6けた）"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signer = Signer(salt=f"accounts.new-app.{self.user.pk}.{self.user.link_generation}")
        self.shown_key = self._key_sent() or new_key()
        self.initial["key"] = self._signer.sign(self.shown_key)

    def clean_key(self) -> str:
        key = self._key_sent()
        if not key:
            raise forms.ValidationError(_("画面の有効期限が切れました。もう一度QRコードを読み取ってください。"))
        return key

    def clean_code(self) -> str:
        return plain(self.cleaned_data["code"])

    @property
    def address(self) -> str:
        """What the QR code says; on a phone, a link that opens the app."""
        return str(device_for(self.user, self.shown_key).config_url)

    @property
    def picture(self) -> str:
        """The QR code as an address of data."""
        drawn = io.BytesIO()
        qrcode.make(self.address, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(drawn)
        return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"

    @property
    def spelled_key(self) -> str:
        """The key to be typed where no camera is at hand, in groups of four."""
        letters = base64.b32encode(bytes.fromhex(self.shown_key)).decode()
        return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))

    def _key_sent(self) -> str:
        try:
            return self._signer.unsign(self.data.get(self.add_prefix("key"), ""))
        except BadSignature:
            return ""


class WelcomeForm(NewApp, NewPassword):
    """Password and app together: one press sets up everything, or nothing."""

    field_order = ("password", "password_again", "code")


class ChangePasswordForm(StillMe, NewPassword):
    """One's own password, with the present one."""


class RenewAppForm(StillMe, NewApp):
    """Another app or another phone, with the present password."""

    field_order = ("password_now", "code")
