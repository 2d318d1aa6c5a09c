"""Proving a mailbox, in an application as at the doors outside of one. No answer ever tells whether an address is known."""

from collections.abc import Collection
from datetime import datetime
from email.utils import parseaddr
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from booking.forms import CodeForm, EmailForm, LastDigitsForm
from toyooka_hw.accounts.models import Person
from toyooka_hw.accounts.operations import (
    CodeExhausted,
    DigitsExhausted,
    TooManyCodes,
    WrongCode,
    WrongDigits,
    check_code,
    prove_owner,
    send_code,
)
from toyooka_hw.accounts.session import client_of

INTERRUPTED = ("companion", "companion_of")  # of a form that was sent after the sign-in had ended, and whose it was
_TYPED = "sign_in"


def email_form(initial: dict[str, str] | None, data: object = None) -> EmailForm:
    """The form that asks for the mailbox, with the domain from which our mail comes."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    return EmailForm(data, initial=initial, domain=domain)


def sends_code(request: HttpRequest, form: EmailForm, *, now: datetime, wall: datetime) -> bool:
    """Whether a code went to the mailbox of this valid form; if not, the form says what to do next."""
    try:
        send_code(form.cleaned_data["email"], client=client_of(request), now=now, wall=wall)
    except TooManyCodes:
        form.add_error(
            "email", _("番号をお送りできる回数を超えました。1時間ほどたってから、もう一度お試しください。お急ぎの方はお電話ください。")
        )
    return not form.errors


def proves(form: CodeForm, address: str, *, wall: datetime) -> bool:
    """Whether the code of this valid form is the mailbox's; if not, the form says what to do next."""
    try:
        check_code(address, form.cleaned_data["code"], wall=wall)
    except WrongCode:
        form.add_error("code", _("番号が正しくないか、有効期限が切れています。メールをもう一度ご確認ください。"))
    except CodeExhausted:
        form.add_error("code", _("入力できる回数を超えました。しばらくしてから、番号をもう一度お受け取りください。"))
    return not form.errors


def owns(form: LastDigitsForm, person: Person, *, now: datetime) -> bool:
    """Whether the last digits of this valid form are those of the person beside whom staff typed the mailbox."""
    try:
        prove_owner(person, form.cleaned_data["digits"], now=now)
    except WrongDigits:
        form.add_error("digits", _("番号が一致しません。ハローワークに登録している電話番号の下4けたをご確認ください。"))
    except DigitsExhausted:
        form.add_error("digits", _("入力できる回数を超えました。お手数ですが、お電話ください。"))
    return not form.errors


def typed(request: HttpRequest) -> dict[str, Any]:
    """What this browser has entered so far outside of an application."""
    return cast("dict[str, Any]", request.session.get(_TYPED, {}))


def keep_typed(request: HttpRequest, **answers: Any) -> None:
    """Keep it, right or wrong."""
    request.session[_TYPED] = {**typed(request), **answers}


def forget_typed(request: HttpRequest, *, but: Collection[str] = ()) -> None:
    """It has served, or whoever uses this browser next is somebody else."""
    kept = {name: answer for name, answer in request.session.pop(_TYPED, {}).items() if name in but}
    if kept:
        request.session[_TYPED] = kept
