"""An invented amendment: fifteen articles of the usual length before and after, with every kind of change between them; and its page."""

from copy import deepcopy
from typing import Any

from django.template.loader import render_to_string
from django.test import RequestFactory

from consent.comparison import Text, compare
from consent.models import TermsDocument, TermsVersion
from tests.cast import MORNING

TITLE = "試験用オンライン相談利用規約"
PREAMBLE = "この規約は、試験のために作った文章です。\nなお、申し込んだ方は、この規約に同意したものとみなします。"

SUBJECTS = ("目的", "対象", "料金", "通信", "環境", "予約", "記録", "情報", "責任", "損害", "法令", "心得", "改定", "裁判", "附則")
RULES = (
    "{0}について、利用する方は、当所が別に定める手順に従い、その内容をあらかじめ確かめるものとします。",
    "{0}に関して変更が生じたときは、速やかに当所の窓口または電話でお知らせください。ただし、やむを得ない事情があるときは後日でも構いません。",
    "当所は、{0}の扱いを適正に保つため、必要な範囲で確認をお願いすることがあります。",
    "{0}の範囲を超える申出には、お応えできないことがあります。その場合は、理由とほかの方法をご案内します。",
)
ADDED = [
    {
        "marker": "",
        "text": "急ぎの相談があるときは、予約がなくても、空いている担当者とその場で話すことができます。",
        "items": [
            {"marker": "(1)", "text": "以前に同意の記録がある方に限ります。", "items": []},
            {"marker": "(2)", "text": "番号は、登録済みの電話へ折り返してお伝えします。メールではお伝えしません。", "items": []},
        ],
    }
]


def article(number: int, *paragraphs: str, heading: str = "", branch: int | None = None, marker: str = "") -> dict[str, Any]:
    """An article of bare paragraphs, as it is stored."""
    return {
        "number": number,
        "branch": branch,
        "marker": marker,
        "heading": heading,
        "paragraphs": [{"marker": "", "text": text, "items": []} for text in paragraphs],
    }


def _full_article(number: int, subject: str) -> dict[str, Any]:
    """An article of about 300 characters: a paragraph with four items, and a second paragraph."""
    items = [{"marker": f"({place})", "text": rule.format(subject), "items": []} for place, rule in enumerate(RULES, start=1)]
    return {
        "number": number,
        "branch": None,
        "heading": f"（{subject}）",
        "paragraphs": [
            {"marker": "", "text": f"{subject}に関する取扱いは、次のとおりとします。", "items": items},
            {"marker": "２", "text": f"前項のほか、{subject}について必要な事項は、所長が別に定めます。", "items": []},
        ],
    }


def before() -> list[dict[str, Any]]:
    """第1条 to 第15条."""
    return [_full_article(number, subject) for number, subject in enumerate(SUBJECTS, start=1)]


def after() -> list[dict[str, Any]]:
    """第6条 and 第10条 reworded, 第6条の2 new, 第8条 gone, so that 第9条 to 第15条 move up (第9条 and 第10条 with other words)."""
    articles = deepcopy(before())
    del articles[7]
    for gone in articles[7:]:
        gone["number"] -= 1
    items = articles[5]["paragraphs"][0]["items"]
    items[0]["text"] = items[0]["text"].replace("別に定める手順", "公表する手順")
    items.insert(2, {"marker": "(3)", "text": "予約は、実施日の前日までに確定していなければなりません。", "items": []})
    for place, item in enumerate(items, start=1):
        item["marker"] = f"({place})"
    articles[7]["paragraphs"][1]["text"] = articles[7]["paragraphs"][1]["text"].replace("所長", "安定所長")
    articles[8]["heading"] = "（損害の負担）"
    articles.insert(6, {"number": 6, "branch": 2, "heading": "（臨時の利用）", "paragraphs": deepcopy(ADDED)})
    return articles


def version(number: int, articles: list[dict[str, Any]], preamble: str = PREAMBLE) -> TermsVersion:
    """A version that no database has seen."""
    return TermsVersion(
        number=number, dated=MORNING.date(), preamble=preamble, articles=articles, announced_at=MORNING, effective_at=MORNING
    )


def page(old: TermsVersion, new: TermsVersion) -> str:
    """The rendered page; the layout around it asks for a request."""
    texts = (Text.from_data(each.preamble, each.articles, TITLE) for each in (old, new))
    context = {"document": TermsDocument(code="counselling", title=TITLE), "old": old, "new": new, "comparison": compare(*texts)}
    context |= {"terms_changes": None, "sign_in": None}  # the layout would ask the database and the session for them
    return render_to_string("consent/comparison.html", context, RequestFactory().get("/"))
