"""The admin site of the staff: password and second factor, no bulk deletion, nothing changed but by an operation."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm, OTPAdminSite

WORK_LIST = "admin:booking_today"

View = Callable[..., HttpResponse]
Addresses = tuple[tuple[str, View, str], ...]


class StaffLoginForm(OTPAdminAuthenticationForm):
    """Name, password and the code of the second factor, asked for together; a device is chosen only by those who have several."""

    otp_error_messages = {
        **OTPAdminAuthenticationForm.otp_error_messages,
        "token_required": _("認証コードを入力してください。"),
        "invalid_token": _("認証コードが正しくありません。認証アプリに表示されている6けたの番号を入力してください。"),
        "n_failed_attempts": _("認証コードの誤りが続いたため、しばらく受け付けません。少し待ってから、もう一度お試しください。"),
        "verification_not_allowed": _("この認証コードは、いま使えません。管理者にご連絡ください。"),
        "device_required": _("認証コードを表示した機器を選んでください。"),
    }

    def _chosen_device(self, user: Any) -> Any:
        devices = list(devices_for_user(user, for_verify=True))
        return devices[0] if len(devices) == 1 else super()._chosen_device(user)


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

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The day's work comes first; whoever has no part in it sees the stock index."""
        if request.user.has_perm("booking.view_booking"):
            return redirect(WORK_LIST)
        return super().index(request, extra_context)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only operations write: staff look, search and filter."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NeverDeleted(admin.ModelAdmin):
    """Rows that staff add and change, but that stay: switched off or ended instead of deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Choice(forms.RadioSelect):
    """Radio buttons of which only the first may ask for the focus."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if option["index"] != "0":
            option["attrs"].pop("autofocus", None)
        return option


def needs(permission: str) -> Callable[[View], View]:
    """Only staff with this permission; the admin site has already seen to the second factor."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def action_page(
    request: HttpRequest, site: admin.AdminSite, *, title: Any, form: forms.BaseForm, submit: Any, back: str, **context: Any
) -> TemplateResponse:
    """The small page of one button: what it does, its form, and the way back. ``facts``: pairs of what is known."""
    for field in form.visible_fields()[:1]:
        field.field.widget.attrs["autofocus"] = True
    words = {"title": title, "form": form, "submit": submit, "back": back, **context}
    return TemplateResponse(request, "admin/action.html", {**site.each_context(request), **words})


def return_address(request: HttpRequest, otherwise: str) -> str:
    """The address of our own that the form or link carries as ``next``; else ``otherwise``."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours else otherwise
