"""Accounts of staff: invited, corrected, switched off and on, sent back to the beginning. Nobody types another's password."""

from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, cast

from axes.utils import reset as forget_failures
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from toyooka_hw.accounts.links import LINK_VALID, address_of
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations.factors import enrol, forget_factors
from toyooka_hw.accounts.queries import SIGN_IN_FAILED, SIGNED_IN, SIGNED_IN_BY_CODE
from toyooka_hw.audit.models import AuditEntry
from toyooka_hw.audit.operations import record
from toyooka_hw.mail.operations import post

Rest = ParamSpec("Rest")


class AccountTaken(Exception):
    """The user name or the mail address already belongs to a member of staff."""


class OwnAccount(Exception):
    """Nobody changes their own role, switches themselves off or resets themselves: a second person does."""


class RightEnded(Exception):
    """Whoever presses was switched off, or got another role, while their page stood open."""


class AccountChanged(Exception):
    """The account is no longer in the state in which this makes sense; somebody was quicker."""


class LinkOver(Exception):
    """The personal link was used, revoked or replaced meanwhile."""


@transaction.atomic
def invite(*, username: str, display_name: str, email: str, role: str, by: User | None, now: datetime, wall: datetime) -> User:
    """Open an account without a password and mail its owner the link to set one up. ``by``: None for the operator's command.

    Raises AccountTaken.
    """
    user = User(username=username, display_name=display_name, email=email, is_staff=True, date_joined=now)
    user.set_unusable_password()
    _save(user)
    user.groups.set([Group.objects.get(name=role)])
    record(_("職員を招待する"), user, by=by or user, now=now, changes={gettext("役割"): ("", role)})
    _send_link(user, "staff_invited", now=now, wall=wall)
    return user


def _of_another(
    change: Callable[Concatenate[User, Rest], None],
) -> Callable[Concatenate[User, Rest], None]:
    """The operation runs on the locked row, and never on one's own account. Whoever presses is locked and asked for their right too:
    of two who switch each other off at the same moment, one is left. Raises OwnAccount, RightEnded.
    """

    def guarded(user: User, *args: Rest.args, **kwargs: Rest.kwargs) -> None:
        by = cast("User", kwargs["by"])
        if user == by:
            raise OwnAccount
        with transaction.atomic():
            rows = {row.pk: row for row in User.objects.select_for_update(no_key=True).filter(pk__in=[user.pk, by.pk]).order_by("pk")}
            if not rows[by.pk].has_perm("accounts.change_user"):
                raise RightEnded
            change(rows[user.pk], *args, **kwargs)

    return guarded


@_of_another
def change_role(user: User, role: str, *, by: User, reason: str, now: datetime) -> None:
    """Give the account another role, the only one from now on. Raises AccountChanged where it has it already."""
    before = user.role
    if before == role:
        raise AccountChanged
    user.groups.set([Group.objects.get(name=role)])
    record(_("役割を変える"), user, by=by, now=now, reason=reason, changes={gettext("役割"): (before, role)})


@transaction.atomic
def correct(user: User, *, display_name: str, email: str, by: User, now: datetime) -> None:
    """Correct name or mail address; a link that waits in the old mailbox opens nothing any more. Raises AccountTaken."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if email != user.email and user.link_until is not None:
        user.link_generation += 1
        user.link_until = None
    changes = {gettext("表示名"): (user.display_name, display_name), gettext("メールアドレス"): (user.email, email)}
    user.display_name, user.email = display_name, email
    _save(user)
    record(
        _("氏名・メールアドレスを直す"), user, by=by, now=now, changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    )


@_of_another
def switch_off(user: User, *, by: User, reason: str, now: datetime, wall: datetime) -> None:
    """Nobody signs in with this account any more, and whoever is signed in is out at once. Raises AccountChanged."""
    if not user.is_active:
        raise AccountChanged
    user.is_active, user.link_until, user.sessions_ended_at = False, None, wall
    user.save(update_fields=["is_active", "link_until", "sessions_ended_at"])
    record(_("ログインを停止する"), user, by=by, now=now, reason=reason)


@_of_another
def switch_on(user: User, *, by: User, reason: str, now: datetime) -> None:
    """The account may be used again. Raises AccountChanged."""
    if user.is_active:
        raise AccountChanged
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(_("ログインの停止を解く"), user, by=by, now=now, reason=reason)


@_of_another
def reset_access(user: User, *, by: User, reason: str, now: datetime, wall: datetime) -> None:
    """Password, app and recovery codes are gone, sessions are over; the owner sets everything up anew through a fresh link.

    Raises AccountChanged where the account is switched off.
    """
    if not user.is_active:
        raise AccountChanged
    user.set_unusable_password()
    user.sessions_ended_at = wall
    user.save(update_fields=["password", "sessions_ended_at"])
    forget_factors(user)
    record(_("ログインの設定をやり直してもらう"), user, by=by, now=now, reason=reason)
    _send_link(user, "staff_reset", now=now, wall=wall)


@_of_another
def send_link_again(user: User, *, by: User, now: datetime, wall: datetime) -> None:
    """Mail a fresh link; the one before is dead. Raises AccountChanged where the owner has set up their access already."""
    if user.has_usable_password() or not user.is_active:
        raise AccountChanged
    record(_("リンクを送り直す"), user, by=by, now=now)
    _send_link(user, "staff_invited", now=now, wall=wall)


@_of_another
def revoke_link(user: User, *, by: User, reason: str, now: datetime) -> None:
    """The link opens nothing any more. Raises AccountChanged where there is none."""
    if user.link_until is None:
        raise AccountChanged
    user.link_until = None
    user.save(update_fields=["link_until"])
    record(_("リンクを取り消す"), user, by=by, now=now, reason=reason)


@transaction.atomic
def unlock(user: User, *, by: User, now: datetime) -> None:
    """Forget the failed sign-ins of this account, wherever they came from."""
    forget_failures(username=user.username)
    record(_("ログインの一時停止を解く"), user, by=by, now=now)


@transaction.atomic
def set_up(user: User, *, password: str, key: str, code: str, now: datetime, wall: datetime) -> list[str]:
    """The owner of the link sets password and app in one step and gets the recovery codes; the link is used up.

    Raises WrongFactorCode, LinkOver.
    """
    mine = User.objects.select_for_update().filter(pk=user.pk, link_generation=user.link_generation, link_until__gt=wall, is_active=True)
    owner = mine.first()
    if owner is None:
        raise LinkOver
    codes = enrol(owner, key=key, code=code, wall=wall)
    owner.set_password(password)
    owner.link_until, owner.sessions_ended_at = None, wall
    owner.link_generation += 1
    owner.save(update_fields=["password", "link_until", "link_generation", "sessions_ended_at"])
    record(_("ログインの設定をする"), owner, by=owner, now=now)
    return codes


@transaction.atomic
def change_password(user: User, password: str, *, now: datetime) -> None:
    """A member of staff changes their own password; their other sessions end by it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record(_("パスワードを変える"), user, by=user, now=now)


def note_sign_in(user: User, *, with_recovery_code: bool, now: datetime) -> None:
    """Record that somebody signed in, and whether the app was not at hand."""
    what = SIGNED_IN_BY_CODE if with_recovery_code else SIGNED_IN
    record(what, user, by=user, now=now, kind=AuditEntry.Kind.SIGN_IN)


def note_sign_out(user: User, *, now: datetime) -> None:
    """Record that somebody signed out by themselves."""
    record(_("ログアウトする"), user, by=user, now=now, kind=AuditEntry.Kind.SIGN_IN)


def note_failed_sign_in(username: str, *, now: datetime) -> None:
    """Record that somebody failed to sign in to an account that exists."""
    user = User.objects.filter(username=username).first()
    if user:
        record(SIGN_IN_FAILED, user, by=user, now=now, kind=AuditEntry.Kind.SIGN_IN)


def _save(user: User) -> None:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise AccountTaken from error


def _send_link(user: User, template: str, *, now: datetime, wall: datetime) -> None:
    """A new generation of the link, 72 hours long, to the owner's mailbox."""
    user.link_generation += 1
    user.link_until = wall + LINK_VALID
    user.save(update_fields=["link_generation", "link_until"])
    url = address_of(user)
    key = f"staff-link:{user.pk}:{user.link_generation}"
    context = {"member": user, "url": url, "until": user.link_until, "role": user.role}
    post(template, to=user.email, key=key, now=now, wall=wall, context=context, secrets=[url])
