"""What staff read when an operation refuses: what is the matter, and what to do next."""

from functools import singledispatch

from django.utils.translation import gettext as _

from consent.comparison import NoSuchRow, WordingChanged
from consent.importer import ImportRefused
from consent.operations import (
    AlreadyAnnounced,
    ConsentMissing,
    DocumentTwice,
    EditorialContradicts,
    EffectOutOfOrder,
    EffectTooEarly,
    EffectTooLate,
    NoSuchArticle,
    NotChecked,
    NothingNew,
    NoticeIncomplete,
    PlaceholdersRemain,
    ReadAnotherText,
    ReasonMissing,
    SecondPersonNeeded,
    StillNeeded,
    UnknownDocument,
    WrongGround,
)
from toyooka_hw.wording import ja_date

REFUSALS = (
    AlreadyAnnounced,
    ConsentMissing,
    DocumentTwice,
    EditorialContradicts,
    EffectOutOfOrder,
    EffectTooEarly,
    EffectTooLate,
    ImportRefused,
    NoSuchArticle,
    NoSuchRow,
    NotChecked,
    NothingNew,
    NoticeIncomplete,
    PlaceholdersRemain,
    ReadAnotherText,
    ReasonMissing,
    SecondPersonNeeded,
    StillNeeded,
    UnknownDocument,
    WordingChanged,
    WrongGround,
)


@singledispatch
def told(refusal: Exception) -> str:
    """The refusal in words."""
    return {
        AlreadyAnnounced: _("この版は告知済みのため、変更できません。直すときは、新しい版を取り込んでください。"),
        ConsentMissing: _("この方の同意の記録がありません。"),
        EditorialContradicts: _(
            "形式的な改正は、最初の公表にも、「個別の同意による」変更にもできません。「形式的な改正としない」を押すか、根拠を選び直してください。"
        ),
        EffectOutOfOrder: _("同じ日か、より後の日から適用される告知済みの版があります。その版の効力発生日より後の日を指定してください。"),
        NoSuchArticle: _("その条はありません。画面を開き直してください。"),
        NoSuchRow: _("その行はありません。画面を開き直してください。"),
        NotChecked: _("作成した職員とは別の職員が確認してから、告知してください。"),
        NoticeIncomplete: _("変更の概要、理由、兵庫労働局のページ、内容の一致の確認は、すべて必要です。"),
        ReadAnotherText: _(
            "画面を開いたあとに、この版の内容が変わりました。もう一度お読みになってから、操作してください。何も保存していません。"
        ),
        ReasonMissing: _("理由を入力してください。"),
        SecondPersonNeeded: _("作成・記入した職員と、形式的な改正と判断した職員は確認できません。別の職員が確認してください。"),
        StillNeeded: _("この版をもとにした記録（同意、ほかの下書きの新旧対照表の訂正）があるため、破棄できません。"),
        WordingChanged: _("本文は変えられません。動かせるのは、傍線の記号 [[ ]] だけです。"),
        WrongGround: _("この根拠は選べません。「最初の公表」は、その規約をはじめて公表するときだけのものです。"),
    }[type(refusal)]


@told.register
def _import_refused(refusal: ImportRefused) -> str:
    return str(refusal)


@told.register
def _nothing_new(refusal: NothingNew) -> str:
    return _("同じ文面の版がすでにあります（%(same)s）。改行や空白の違いは、文面の違いとみなしません。何も保存していません。") % {
        "same": refusal
    }


@told.register
def _unknown_document(refusal: UnknownDocument) -> str:
    return _("「%(title)s」が、どの利用規約の題名か分かりません。題名の行を確かめてください。") % {"title": refusal}


@told.register
def _document_twice(refusal: DocumentTwice) -> str:
    return _("「%(title)s」が、一つのファイルに二度あります。一つだけを残して、取り込み直してください。") % {"title": refusal}


@told.register
def _placeholders_remain(refusal: PlaceholdersRemain) -> str:
    return _("ひな形の空欄が残っています（%(remaining)s）。先に空欄を埋めてください。") % {"remaining": "、".join(refusal.remaining)}


@told.register
def _effect_too_early(refusal: EffectTooEarly) -> str:
    return _("効力発生日は、早くても%(earliest)sです。") % {"earliest": ja_date(refusal.earliest)}


@told.register
def _effect_too_late(refusal: EffectTooLate) -> str:
    return _("効力発生日は、遅くても%(latest)sです。年を確かめてください。") % {"latest": ja_date(refusal.latest)}
