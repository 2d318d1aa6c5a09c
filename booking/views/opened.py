"""Forms of somebody who is signed in: whose form it is travels signed with it, because browsers are shared, and what was typed is never lost."""

import uuid
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from booking.forms import storable
from consent.forms import ShownForm
from toyooka_hw.accounts.models import Person

_SALT = "booking.opened-form"
_KEPT = "opened_typed"


class OpenedForm(ShownForm):
    """A form with the note of what was shown, which belongs to the person who opened it."""

    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_key(self) -> uuid.UUID:
        owner, key = _opened_by(self.cleaned_data["key"])
        if key is None or owner != self.person.pk:
            raise ValidationError(_("画面を開き直してから、もう一度お試しください。"))
        return key


def key_for(request: HttpRequest, person: Person) -> str:
    """The key of the form that came back, so that it stays one request; a fresh one where it is not this person's."""
    sent = request.POST.get("key", "")
    return sent if _opened_by(sent)[0] == person.pk else signing.dumps([person.pk, str(uuid.uuid4())], salt=_SALT)


def keep(request: HttpRequest) -> None:
    """Keep what was typed, right or wrong, for the person who opened the form."""
    owner, _form = _opened_by(request.POST.get("key", ""))
    if owner is not None and request.resolver_match:
        request.session[_KEPT] = {"of": owner, "page": request.resolver_match.url_name, "answers": _typed(request.POST)}


def begun(request: HttpRequest, person: Person) -> str:
    """The name of the page on which this person typed something that was not sent; empty where there is none."""
    kept = request.session.get(_KEPT, {"of": None})
    return str(kept["page"]) if kept["of"] == person.pk else ""


def kept_for(request: HttpRequest, person: Person) -> dict[str, str]:
    """What this person typed on this page so far."""
    is_here = request.resolver_match and begun(request, person) == request.resolver_match.url_name
    return cast("dict[str, str]", request.session[_KEPT]["answers"]) if is_here else {}


def forget_kept(request: HttpRequest) -> None:
    """It has served, or whoever uses this browser next is somebody else."""
    request.session.pop(_KEPT, None)


def sign_in_again(request: HttpRequest, door: str) -> HttpResponse:
    """To the door; whoever pressed after the sign-in had ended reads that nothing is lost."""
    if request.method == "POST":
        words = _("時間がたったため、もう一度メールアドレスを確認します。入力された内容は、確認のあと、続きからお使いいただけます。")
        messages.warning(request, words)
    return redirect("sign_in", door)


def _typed(data: Mapping[str, str]) -> dict[str, str]:
    return {name: storable(text) for name, text in data.items() if name not in ("shown", "key", "csrfmiddlewaretoken")}


def _opened_by(signed: str) -> tuple[int | None, uuid.UUID | None]:
    """Whose form this is, and its key; nothing where nobody of ours has signed it."""
    try:
        owner, key = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        return None, None
    return int(owner), uuid.UUID(key)
