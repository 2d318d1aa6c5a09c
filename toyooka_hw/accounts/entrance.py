"""The entrance of the staff: user name, password and second factor together, and the pages that belong to oneself."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm, OTPAdminSite
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from toyooka_hw import clock
from toyooka_hw.accounts import staff_session
from toyooka_hw.accounts.lockout import locked_until
from toyooka_hw.accounts.operations.factors import CODE_LENGTH, FEW_CODES, codes_left, digest, plain
from toyooka_hw.accounts.operations.staff import note_failed_sign_in, note_sign_in, note_sign_out
from toyooka_hw.accounts.queries import last_sign_in
from toyooka_hw.accounts.session import client_of
from toyooka_hw.site import WORK_LIST

NOT_HERE = frozenset({"auth", "otp_static", "otp_totp"})
# Why somebody stands at the entrance again; the middleware that sent them says which.
WHY = {
    "idle": _("しばらく操作がなかったため、ログアウトしました。もう一度ログインすると、続きの画面に戻ります。"),
    "day": _("ログインから長い時間がたったため、ログアウトしました。もう一度ログインすると、続きの画面に戻ります。"),
    "ended": _("このログインは終了しました。もう一度ログインしてください。"),
    "unsent": _(
        "ログインの時間が過ぎていたため、入力した内容はまだ保存されていません。"
        "ブラウザの「戻る」で入力した画面に戻れます。別のタブでログインしてから、もう一度送信してください。"
    ),
}
# One answer, whichever of the three was wrong, and while no code is judged: anything else would confirm the password.
REFUSED = _(
    "ユーザー名、パスワード、認証コードのいずれかが正しくありません。確かめて、もう一度入力してください。"
    "誤りが続いたときは、少し待ってから、認証アプリの新しい番号か回復コードでお試しください。"
)


class StaffLoginForm(OTPAdminAuthenticationForm):
    """Name, password and second factor, asked for together: the app's six digits, or one of the recovery codes."""

    error_messages = dict.fromkeys(OTPAdminAuthenticationForm.error_messages, REFUSED)
    otp_error_messages = {
        **dict.fromkeys(OTPAdminAuthenticationForm.otp_error_messages, REFUSED),
        "device_required": _("認証コードを表示した機器を選んでください。"),
    }

    def clean_otp_token(self) -> str:
        return plain(self.cleaned_data["otp_token"])

    def _chosen_device(self, user: Any) -> Any:
        """A recovery code is known by its length; of several apps one is chosen."""
        kind = StaticDevice if len(self.cleaned_data["otp_token"]) == CODE_LENGTH else TOTPDevice
        devices = [device for device in devices_for_user(user, for_verify=True) if isinstance(device, kind)]
        if not devices and self.cleaned_data["otp_token"]:
            raise forms.ValidationError(self.otp_error_messages["invalid_token"], code="invalid_token")
        return devices[0] if len(devices) == 1 else super()._chosen_device(user)

    def _verify_token(self, user: Any, token: str, device: Any = None) -> Any:
        return super()._verify_token(user, digest(user, token) if isinstance(device, StaticDevice) else token, device)

    @staticmethod
    def device_choices(user: Any) -> list[tuple[str, str]]:
        apps = TOTPDevice.objects.devices_for_user(user, confirmed=True)
        return [("", "---------"), *((each.persistent_id, each.name) for each in apps)]


class StaffAdminSite(OTPAdminSite):
    """Stock Django admin behind a second factor."""

    site_header = _("オンライン職業相談 職員用")
    site_title = _("オンライン職業相談 職員用")
    index_title = _("管理の一覧")
    login_form = StaffLoginForm
    login_template = "admin/login.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from toyooka_hw.accounts.admin import own, welcome  # noqa: PLC0415 - the admin's modules register with this very site

        ours = [path(address, self.admin_view(view), name=name) for address, view, name in own.ADDRESSES]
        opened = [path(address, view, name=name) for address, view, name in welcome.ADDRESSES]
        return [*opened, *ours, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The day's work comes first; whoever has no part in it sees the stock index."""
        if request.user.has_perm("booking.change_booking"):
            return redirect(WORK_LIST)
        return super().index(request, {**(extra_context or {}), "before": staff_session.sign_in_before(request)})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        why = WHY.get(request.GET.get("why", ""), "")
        username = request.POST.get("username", "").replace("\0", "")
        locked = locked_until(username, wall=clock.wall(), client=client_of(request)) if username else None
        response = super().login(request, {**(extra_context or {}), "why": why})
        if request.method == "POST" and response.status_code == 302:
            _came_in(request)
        elif username and not locked:  # or a stranger could fill the audit
            note_failed_sign_in(username, now=clock.now())
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Signed out by themselves, which the audit tells."""
        user: Any = request.user
        if request.method == "POST" and user.is_authenticated:
            note_sign_out(user, now=clock.now())
        return super().logout(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        return redirect("admin:staff_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        return redirect("admin:staff_own")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Libraries bring pages that write past the operations: those of groups and of second factors stay outside."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        super().register([model for model in models if model._meta.app_label not in NOT_HERE], admin_class, **options)


def _came_in(request: HttpRequest) -> None:
    """The session begins; whoever used up a recovery code is told how many are left."""
    user: Any = request.user
    staff_session.begin(request, wall=clock.wall())
    staff_session.remember(request, last_sign_in(user))
    with_recovery_code = isinstance(user.otp_device, StaticDevice)
    note_sign_in(user, with_recovery_code=with_recovery_code, now=clock.now())
    if not with_recovery_code:
        return
    left = codes_left(user)
    words = _("回復コードを1つ使いました。残りは%(left)d個です。") % {"left": left}
    messages.warning(request, words + str(_("「自分の設定」で、新しい回復コードを作ってください。")) if left <= FEW_CODES else words)
