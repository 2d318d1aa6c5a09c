"""The buttons of a version: one table says when each stands, which form it asks, which operation it calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from consent import operations
from consent.admin import forms
from consent.models import TermsVersion
from consent.rules import Stage, placeholders
from toyooka_hw.accounts.models import User

BEFORE_ANNOUNCEMENT = (Stage.DRAFT, Stage.CHECKED)


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button: who, and when."""

    by: User
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button of a version."""

    label: Any
    does: Any
    done: Any
    act: Callable[[TermsVersion, Any, Press], object]
    stands: Callable[[TermsVersion, Stage], bool]
    form: Callable[..., forms.VersionForm]
    removes: bool = False  # the version is gone afterwards


def standing(version: TermsVersion, stage: Stage) -> dict[str, Action]:
    """The buttons of this version at this stage, by name."""
    return {name: action for name, action in ACTIONS.items() if action.stands(version, stage)}


def is_first(version: TermsVersion) -> bool:
    """Whether nothing but a digest of this document was ever announced."""
    return not TermsVersion.objects.filter(document=version.document_id, announced_at__isnull=False, is_digest=False).exists()


def _announce_form(*args: Any, version: TermsVersion, **kwargs: Any) -> forms.PublishForm:
    kind = forms.PublishForm if is_first(version) else forms.AnnounceForm
    return kind(*args, version=version, **kwargs)


def _set_points(version: TermsVersion, form: forms.PointsForm, press: Press) -> None:
    for article, words in form.changed().items():
        operations.set_point(version.pk, article, words, by=press.by, now=press.now)


ACTIONS: Mapping[str, Action] = {
    "fill": Action(
        label=_("空欄を埋める"),
        does=_("ひな形に残っている空欄に、当所のことばを入れます。ほかの文字は変わりません。記入のあと、別の職員の確認が必要です。"),
        done=_("空欄を埋めました。"),
        stands=lambda version, stage: stage in BEFORE_ANNOUNCEMENT and bool(placeholders(version.preamble, version.parts)),
        form=forms.FillForm,
        act=lambda version, form, press: operations.fill_placeholders(version.pk, form.values(), by=press.by, now=press.now),
    ),
    "editorial": Action(
        label=_("形式的な改正とする"),
        does=_(
            "利用者にあらためて同意を求めない改正とします。判断した職員と理由が記録に残ります。"
            "臨時の利用（第6条の2）では、形式的な改正でも最新の規約への同意を確認します。"
        ),
        done=_("形式的な改正としました。"),
        stands=lambda version, stage: stage in BEFORE_ANNOUNCEMENT and not version.editorial and not is_first(version),
        form=forms.EditorialForm,
        act=lambda version, form, press: operations.mark_editorial(
            version.pk, reason=form.cleaned_data["reason"], by=press.by, now=press.now
        ),
    ),
    "binding": Action(
        label=_("形式的な改正としない"),
        does=_("形式的な改正とした判断を取り消します。利用者にあらためて同意を求める改正になり、もう一度、別の職員の確認が必要です。"),
        done=_("形式的な改正とした判断を取り消しました。"),
        stands=lambda version, stage: stage in BEFORE_ANNOUNCEMENT and version.editorial,
        form=forms.BindingForm,
        act=lambda version, form, press: operations.unmark_editorial(
            version.pk, reason=form.cleaned_data["reason"], by=press.by, now=press.now
        ),
    ),
    "check": Action(
        label=_("確認する"),
        does=_("作成・記入した職員、形式的な改正と判断した職員とは別の職員が、正文と読み合わせたことを記録します。"),
        done=_("確認済みにしました。"),
        stands=lambda _version, stage: stage == Stage.DRAFT,
        form=forms.CheckForm,
        act=lambda version, form, press: operations.check(version.pk, by=press.by, now=press.now, reading=form.cleaned_data["reading"]),
    ),
    "announce": Action(
        label=_("告知する"),
        does=_(
            "告知すると、本文は変えられなくなります。変更のときは、お知らせのページを公開し、同意の記録がある方全員にメールを送ります。"
        ),
        done=_("告知しました。"),
        stands=lambda _version, stage: stage == Stage.CHECKED,
        form=_announce_form,
        act=lambda version, form, press: operations.announce(
            version.pk, form.announcement(), by=press.by, now=press.now, reading=form.cleaned_data["reading"]
        ),
    ),
    "points": Action(
        label=_("要点を書く"),
        does=_("条ごとに、やさしいことばの要点を添えます。本文の一部ではなく、いつでも直せます。空欄にすると、要点を取り除きます。"),
        done=_("要点を保存しました。"),
        stands=lambda _version, stage: stage not in (Stage.SUPERSEDED, Stage.REPLACED),
        form=forms.PointsForm,
        act=_set_points,
    ),
    "discard": Action(
        label=_("下書きを破棄する"),
        does=_(
            "この下書きを、書き添えた要点や新旧対照表の訂正とともに消します。元には戻せません。"
            "だれが、いつ、なぜ、どのファイルの下書きを破棄したかは、監査の記録に残ります。"
        ),
        done=_("下書きを破棄しました。"),
        stands=lambda _version, stage: stage in BEFORE_ANNOUNCEMENT,
        form=forms.DiscardForm,
        act=lambda version, form, press: operations.discard(version.pk, reason=form.cleaned_data["reason"], by=press.by, now=press.now),
        removes=True,
    ),
}
