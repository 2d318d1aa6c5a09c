"""Staff accounts: looked at, and changed one button at a time."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from toyooka_hw import clock
from toyooka_hw.accounts.lockout import locked_until
from toyooka_hw.accounts.models import User
from toyooka_hw.site import ReadOnlyAdmin
from toyooka_hw.wording import ja_datetime


@admin.register(User)
class StaffAdmin(ReadOnlyAdmin):
    """Accounts of staff. Nobody is deleted: their name stands in the history, so an account is switched off."""

    list_display = ("username", "display_name", "role_shown", "standing", "app", "recovery", "last_seen")
    search_fields = ("username", "display_name", "email")
    search_help_text = _("ユーザー名・表示名・メールアドレスで検索できます。")
    ordering = ("-is_active", "username")
    change_list_template = "admin/accounts/staff_list.html"
    change_form_template = "admin/accounts/staff_page.html"
    fieldsets = (
        (None, {"fields": ("login_name", "display_name", "email", "role_shown")}),
        (_("ログイン"), {"fields": ("standing", "link", "app", "recovery", "last_seen", "joined")}),
    )
    readonly_fields = ("login_name", "role_shown", "standing", "link", "app", "recovery", "last_seen", "joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        apps = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        rows = super().get_queryset(request).prefetch_related("groups")
        return rows.annotate(has_app=Exists(apps), codes=Count("staticdevice__token_set"))

    @admin.display(description=_("ユーザー名"))
    def login_name(self, user: User) -> str:
        return user.username

    @admin.display(description=_("役割"))
    def role_shown(self, user: User) -> str:
        return user.role or str(_("（役割なし）"))

    @admin.display(description=_("状態"))
    def standing(self, user: User) -> str:
        if not user.is_active:
            return str(_("停止中"))
        if user.has_usable_password():
            return str(_("利用中"))
        waits = user.link_until is not None and user.link_until > clock.wall()
        return str(_("招待中（設定待ち）") if waits else _("設定待ち（リンク切れ）"))

    @admin.display(description=_("リンクの期限"))
    def link(self, user: User) -> str:
        return ja_datetime(user.link_until) if user.link_until else str(_("なし"))

    @admin.display(description=_("認証アプリ"))
    def app(self, user: User) -> str:
        return str(_("登録済み") if user.has_app else _("未登録"))  # type: ignore[attr-defined]  # annotated above

    @admin.display(description=_("回復コードの残り"))
    def recovery(self, user: User) -> str:
        return str(user.codes)  # type: ignore[attr-defined]  # annotated above

    @admin.display(description=_("最終ログイン"), ordering="last_login")
    def last_seen(self, user: User) -> str:
        return ja_datetime(user.last_login) if user.last_login else str(_("なし"))

    @admin.display(description=_("登録日時"))
    def joined(self, user: User) -> str:
        return ja_datetime(user.date_joined)

    def get_urls(self) -> list[URLPattern]:
        from toyooka_hw.accounts.admin import staff_actions  # noqa: PLC0415 - it asks this module who is at the desk

        guard = self.admin_site.admin_view
        ours = [path(address, guard(view), name=name) for address, view, name in staff_actions.ADDRESSES]
        return [*ours, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        from toyooka_hw.accounts.admin.staff_actions import standing_actions  # noqa: PLC0415 - as above

        user = context["original"]
        until = locked_until(user.username, wall=clock.wall())
        buttons = standing_actions(user, by=staff_of(request))
        more = {"member": user, "buttons": buttons, "locked_until": until, "may_change": request.user.has_perm("accounts.change_user")}
        return super().render_change_form(request, context | more, *args, **kwargs)


def staff_of(request: HttpRequest) -> User:
    """The member of staff who asks; behind the admin site there is always one."""
    return cast("User", request.user)
