"""自分の設定: what a member of staff sees and changes of their own way in. No permission is needed beyond being signed in."""

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_otp import login as remember_device
from django_otp.plugins.otp_totp.models import TOTPDevice

from toyooka_hw import clock
from toyooka_hw.accounts import staff_session
from toyooka_hw.accounts.admin.entry_forms import WRONG_CODE, ChangePasswordForm, RenewAppForm, StillMe
from toyooka_hw.accounts.admin.staff import staff_of
from toyooka_hw.accounts.operations.factors import CODES, FEW_CODES, WrongFactorCode, codes_left, renew_codes, renew_device
from toyooka_hw.accounts.operations.staff import change_password
from toyooka_hw.site import Addresses, action_page


def own(request: HttpRequest) -> HttpResponse:
    """One's account as it stands."""
    user = staff_of(request)
    left = codes_left(user)
    device = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("-created_at").first()
    before = staff_session.sign_in_before(request)
    return _page(
        request, "staff_own", _("自分の設定"), member=user, device=device, left=left, of=CODES, few=left <= FEW_CODES, before=before
    )


def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other places where one is signed in are signed out by it."""
    user = staff_of(request)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=user, request=request)
    form.order_fields(("password_now", "password", "password_again"))
    if form.is_valid():
        change_password(user, form.cleaned_data["password"], now=clock.now())
        update_session_auth_hash(request, user)
        messages.success(request, _("パスワードを変えました。ほかの端末でのログインは終了しました。"))
        return redirect("admin:staff_own")
    return _form_page(request, form, _("パスワードを変える"))


def app(request: HttpRequest) -> HttpResponse:
    """Enrol another app; the old one and the old recovery codes are gone."""
    user = staff_of(request)
    form = RenewAppForm(request.POST if request.method == "POST" else None, user=user, request=request)
    if form.is_valid():
        values = form.cleaned_data
        try:
            codes = renew_device(user, key=values["key"], code=values["code"], now=clock.now(), wall=clock.wall())
        except WrongFactorCode:
            form.add_error("code", WRONG_CODE)
        else:
            remember_device(request, TOTPDevice.objects.get(user=user))
            return _codes(request, codes)
    return _page(request, "staff_app", _("認証アプリを登録し直す"), form=form)


@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes; they are shown in this answer and never again."""
    form = StillMe(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        return _codes(request, renew_codes(staff_of(request), now=clock.now()))
    lead = _("新しい回復コードを10個作ります。いまの回復コードは、すべて使えなくなります。")
    return _form_page(request, form, _("回復コードを作り直す"), lead=lead)


def _codes(request: HttpRequest, made: list[str]) -> HttpResponse:
    return _page(request, "staff_codes", _("回復コード"), codes=made, member=staff_of(request), is_welcome=False)


def _form_page(request: HttpRequest, form: StillMe, title: str, **more: str) -> HttpResponse:
    back = reverse("admin:staff_own")
    return action_page(request, admin.site, title=title, form=form, submit=title, back=back, crumb=(_("自分の設定"), back), **more)


def _page(request: HttpRequest, name: str, title: str, **context: object) -> HttpResponse:
    return TemplateResponse(request, f"admin/accounts/{name}.html", {**admin.site.each_context(request), "title": title, **context})


ADDRESSES: Addresses = (
    ("me/", own, "staff_own"),
    ("me/password/", password, "staff_password"),
    ("me/app/", app, "staff_app"),
    ("me/codes/", codes, "staff_recovery"),
)
