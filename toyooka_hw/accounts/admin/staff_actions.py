"""The buttons of a staff account: one page each, one operation each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toyooka_hw import clock
from toyooka_hw.accounts.admin.staff import staff_of
from toyooka_hw.accounts.lockout import locked_until
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import staff
from toyooka_hw.accounts.operations.roles import ROLES
from toyooka_hw.site import Addresses, Choice, action_page, needs

REFUSALS: dict[type[Exception], Promise] = {
    staff.AccountTaken: _("このユーザー名かメールアドレスは、すでにほかの職員が使っています。"),
    staff.OwnAccount: _("自分のアカウントには行えません。ほかのシステム管理者に依頼してください。"),
    staff.RightEnded: _("ご自身の権限が、この操作の前に変わりました。変更は行われていません。ほかのシステム管理者に確認してください。"),
    staff.AccountChanged: _("このアカウントは、ほかの操作で状態が変わりました。いまの状態を確かめてください。"),
}
ROLE_CHOICES = [(name, name) for name in ROLES]


class NoForm(forms.Form):
    """A button that asks nothing."""

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ReasonForm(NoForm):
    reason = forms.CharField(label=_("理由"), max_length=400, help_text=_("監査の記録に残ります。"))


class RoleForm(ReasonForm):
    role = forms.ChoiceField(label=_("役割"), choices=ROLE_CHOICES, widget=Choice)
    field_order = ("role", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.initial["role"] = user.role


class CorrectForm(NoForm):
    display_name = forms.CharField(label=_("表示名"), max_length=50)
    email = forms.EmailField(label=_("メールアドレス"), max_length=254)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.initial = {"display_name": user.display_name, "email": user.email}


class InviteForm(forms.Form):
    """Who is invited; the password is theirs to choose."""

    display_name = forms.CharField(label=_("表示名"), max_length=50, help_text=_("画面や記録に出る名前です。例：佐藤"))
    username = forms.CharField(
        label=_("ユーザー名"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("ログインに使います。あとから変えられません。例：sato"),
    )
    email = forms.EmailField(label=_("メールアドレス"), max_length=254, help_text=_("本人だけが読めるアドレスに、設定のリンクを送ります。"))
    role = forms.ChoiceField(label=_("役割"), choices=ROLE_CHOICES, widget=Choice)


@dataclass(frozen=True)
class Press:
    """What was filled in, who pressed, when."""

    values: dict[str, Any]
    by: User
    now: datetime
    wall: datetime


@dataclass(frozen=True)
class StaffAction:
    """One button: what it is called, what it does, what it asks, and when it stands on the page."""

    label: Promise
    does: Promise
    done: Promise
    form: type[NoForm]
    act: Callable[[User, Press], None]
    stands: Callable[[User], bool]
    grave: bool = False
    of_oneself: bool = False


def anytime(user: User) -> bool:
    return True


def is_locked(user: User) -> bool:
    return locked_until(user.username, wall=clock.wall()) is not None


ACTIONS: dict[str, StaffAction] = {
    "role": StaffAction(
        _("役割を変える"),
        _("変えた役割は、すぐに有効になります。"),
        _("役割を変えました。"),
        RoleForm,
        lambda user, press: staff.change_role(user, press.values["role"], by=press.by, reason=press.values["reason"], now=press.now),
        anytime,
    ),
    "correct": StaffAction(
        _("表示名・メールアドレスを直す"),
        _(
            "ユーザー名は変えられません。メールアドレスを直すと、前のアドレスに送った設定のリンクは使えなくなります。"
            "そのあと「リンクを送り直す」で、新しいアドレスにお送りください。"
        ),
        _("直しました。"),
        CorrectForm,
        lambda user, press: staff.correct(user, **press.values, by=press.by, now=press.now),
        anytime,
        of_oneself=True,
    ),
    "link": StaffAction(
        _("リンクを送り直す"),
        _("設定のリンクを新しくして、本人のメールアドレスに送ります。前のリンクは使えなくなります。"),
        _("リンクを送りました。"),
        NoForm,
        lambda user, press: staff.send_link_again(user, by=press.by, now=press.now, wall=press.wall),
        lambda user: user.is_active and not user.has_usable_password(),
    ),
    "revoke": StaffAction(
        _("リンクを取り消す"),
        _("送ったリンクを使えなくします。"),
        _("リンクを取り消しました。"),
        ReasonForm,
        lambda user, press: staff.revoke_link(user, by=press.by, reason=press.values["reason"], now=press.now),
        lambda user: user.link_until is not None,
        grave=True,
    ),
    "unlock": StaffAction(
        _("ログインの一時停止を解く"),
        _("パスワードの誤りが続いて止まっているログインを、すぐに使えるようにします。本人からの依頼であることを確かめてください。"),
        _("一時停止を解きました。"),
        NoForm,
        lambda user, press: staff.unlock(user, by=press.by, now=press.now),
        is_locked,
        of_oneself=True,
    ),
    "reset": StaffAction(
        _("ログインの設定をやり直してもらう"),
        _(
            "パスワード・認証アプリ・回復コードを消し、新しい設定のリンクを本人のメールアドレスに送ります。"
            "ログイン中の画面は、すぐに終了します。本人からの依頼であることを、電話や対面で確かめてください。"
        ),
        _("設定を消し、本人にリンクを送りました。"),
        ReasonForm,
        lambda user, press: staff.reset_access(user, by=press.by, reason=press.values["reason"], now=press.now, wall=press.wall),
        lambda user: user.is_active and user.has_usable_password(),
        grave=True,
    ),
    "off": StaffAction(
        _("ログインを停止する"),
        _("このアカウントではログインできなくなり、ログイン中の画面はすぐに終了します。記録は残ります。"),
        _("ログインを停止しました。"),
        ReasonForm,
        lambda user, press: staff.switch_off(user, by=press.by, reason=press.values["reason"], now=press.now, wall=press.wall),
        lambda user: user.is_active,
        grave=True,
    ),
    "on": StaffAction(
        _("ログインの停止を解く"),
        _("このアカウントで、またログインできるようにします。"),
        _("停止を解きました。"),
        ReasonForm,
        lambda user, press: staff.switch_on(user, by=press.by, reason=press.values["reason"], now=press.now),
        lambda user: not user.is_active,
    ),
}


def standing_actions(user: User, *, by: User) -> list[tuple[str, StaffAction]]:
    """The buttons that make sense for this account now."""
    return [(name, action) for name, action in ACTIONS.items() if action.stands(user) and (action.of_oneself or user != by)]


@needs("accounts.add_user")
def invite(request: HttpRequest) -> HttpResponse:
    """職員を招待: an account, and a mail with the link to set it up."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = staff.invite(**form.cleaned_data, by=staff_of(request), now=clock.now(), wall=clock.wall())
        except staff.AccountTaken as refusal:
            form.add_error(None, str(REFUSALS[type(refusal)]))
        else:
            messages.success(request, _("%(name)sさんに、設定のリンクを送りました。") % {"name": user})
            return redirect("admin:accounts_user_change", user.pk)
    back = reverse("admin:accounts_user_changelist")
    lead = _("本人に、パスワードと認証アプリを設定するためのリンクをメールで送ります。リンクは72時間、1回だけ使えます。")
    page = {"title": _("職員を招待"), "submit": _("招待のメールを送る"), "lead": lead, "crumb": (_("職員"), back)}
    return action_page(request, admin.site, form=form, back=back, **page)


@needs("accounts.change_user")
def act(request: HttpRequest, user_id: int, name: str) -> HttpResponse:
    """The page of one button."""
    if name not in ACTIONS:
        raise Http404
    action, user = ACTIONS[name], get_object_or_404(User, pk=user_id)
    if user.is_superuser and not request.user.is_superuser:
        raise PermissionDenied  # only an operator made this account
    form = action.form(request.POST if request.method == "POST" else None, user=user)
    back = reverse("admin:accounts_user_change", args=[user.pk])
    if request.method == "POST" and form.is_valid():
        try:
            action.act(user, Press(form.cleaned_data, staff_of(request), clock.now(), clock.wall()))
        except tuple(REFUSALS) as refusal:
            form.add_error(None, str(REFUSALS[type(refusal)]))
        else:
            messages.success(request, f"{user}：{action.done}")
            return redirect(back)
    facts = [(_("ユーザー名"), user.username), (_("表示名"), user.display_name), (_("役割"), user.role)]
    page = {"title": action.label, "submit": action.label, "lead": action.does, "facts": facts, "grave": action.grave}
    return action_page(request, admin.site, form=form, back=back, crumb=(str(user), back), **page)


ADDRESSES: Addresses = (
    ("invite/", invite, "staff_invite"),
    ("<int:user_id>/act/<slug:name>/", act, "staff_act"),
)
