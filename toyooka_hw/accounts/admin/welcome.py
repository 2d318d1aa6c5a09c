"""The page behind the personal link: a member of staff sets up their own password and second factor (open without a login)."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from toyooka_hw import clock
from toyooka_hw.accounts.admin.entry_forms import WRONG_CODE, WelcomeForm
from toyooka_hw.accounts.links import user_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import WrongFactorCode
from toyooka_hw.accounts.operations.staff import LinkOver, set_up
from toyooka_hw.audit.door import through
from toyooka_hw.site import Addresses

DOOR = "/admin/welcome/"  # the token is no part of what the audit keeps


@never_cache
@csrf_protect
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the page and writes nothing; POST sets up everything, uses up the link and shows the recovery codes, once."""
    user = user_of(token, wall=clock.wall())
    if user is None:
        return _over(request)
    form = WelcomeForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            return _codes(request, user, _set_up(user, form))
        except WrongFactorCode:
            form.add_error("code", WRONG_CODE)
        except LinkOver:
            return _over(request)
    return _page(request, "staff_welcome", _("ログインの設定"), form=form, member=user)


def _set_up(user: User, form: WelcomeForm) -> list[str]:
    values = form.cleaned_data
    with through(DOOR):
        return set_up(user, password=values["password"], key=values["key"], code=values["code"], now=clock.now(), wall=clock.wall())


def _codes(request: HttpRequest, user: User, codes: list[str]) -> HttpResponse:
    return _page(request, "staff_codes", _("回復コード"), codes=codes, member=user, is_welcome=True)


def _over(request: HttpRequest) -> HttpResponse:
    return _page(request, "staff_link_over", _("このリンクは使えません"), status=404)


def _page(request: HttpRequest, name: str, title: str, *, status: int = 200, **context: object) -> HttpResponse:
    """A page for somebody who is not signed in yet; whoever else sits at this browser is left out of it."""
    site = {"site_header": admin.site.site_header, "site_title": admin.site.site_title, "is_popup": False, "has_permission": False}
    return TemplateResponse(request, f"admin/accounts/{name}.html", {**site, "title": title, **context}, status=status)


ADDRESSES: Addresses = (("welcome/<str:token>/", welcome, "staff_welcome"),)
