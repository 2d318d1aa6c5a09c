"""The terms can be read by anybody: every announced version, what changes and why, and one's own consents."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from consent import mails
from consent.models import Consent
from consent.operations import import_text, set_point, withdraw
from consent.queries import COUNSELLING, SEMINAR
from consent.rules import Ground
from tests.cast import MORNING, Office, make_person, publish_terms
from tests.change import EFFECT, announced, make_draft, text
from tests.visitor import Visitor, at_time, text_of
from toyooka_hw.accounts.models import Person
from toyooka_hw.mail.models import OutgoingMail

BEFORE_TERMS = datetime(2023, 8, 28, tzinfo=UTC)
AT_EFFECT = datetime(2027, 4, 19, 15, tzinfo=UTC)  # 00:00 of April 20 in Tokyo
SECOND = timedelta(seconds=1)


def test_terms_show_the_version_in_force(office: Office) -> None:
    """C0-2."""
    publish_terms(number=2, effective_at=MORNING)
    assert "第2版の本文。" in text_of(Visitor().get("/terms/counselling/"))
    assert "第1版の本文。" in text_of(Visitor(MORNING - SECOND).get("/terms/counselling/"))


def test_terms_keep_older_versions_readable(office: Office) -> None:
    publish_terms(number=2, effective_at=MORNING)
    words = text_of(Visitor().get("/terms/counselling/1/"))
    assert "第1版の本文。" in words
    assert "現在の利用規約ではありません" in words


def test_supplementary_provisions_stand_on_their_side_of_the_date(office: Office) -> None:
    """Their articles count from 1 again; the contents list names them."""
    raw = text(supplement="附則\n四月からです。\n", later="附則（令和十年）\n（始まる日）\n第１条 五月からです。\n")
    (version,) = import_text(raw, name="terms.txt", by=office.staff, now=MORNING)
    announced(office, version)
    page = Visitor().get("/terms/counselling/2/")
    assert "附則四月からです。令和９年４月６日試験所長附則（令和十年）（始まる日）第１条五月からです。" in text_of(page)
    contents = re.findall(r'href="#([^"]+)">([^<]+)</a></li>', page.content.decode())
    assert contents[-3:] == [("article-1-2", "（特例）　第１条の２"), ("supplement-1", "附則"), ("later-supplement-1", "附則（令和十年）")]
    assert [page.content.decode().count(f'id="{anchor}"') for anchor, _words in contents[-3:]] == [1, 1, 1]


def test_version_not_yet_in_force_says_from_when(office: Office) -> None:
    """C13-0."""
    announced(office, make_draft(office))
    words = text_of(Visitor().get("/terms/counselling/2/"))
    assert "第2版の本文。" in words
    assert "この版は、2027年4月20日（火）から適用されます。" in words
    assert "まだ効力が発生していません" not in text_of(Visitor(AT_EFFECT).get("/terms/counselling/2/"))


def test_versions_are_listed_with_stage_notice_and_comparison(office: Office) -> None:
    announced(office, make_draft(office))
    page = Visitor().get("/terms/counselling/")
    assert "施行前第2版への変更のお知らせ第1版と第2版の新旧対照表" in text_of(page)
    assert "/terms/counselling/notice/2/" in page.content.decode()
    assert "/terms/counselling/comparison/2/1/" in page.content.decode()


@pytest.mark.parametrize(
    "path", ["unknown/", "counselling/9/", "counselling/notice/1/", "counselling/comparison/1/1/", "counselling/comparison/9/1/"]
)
def test_terms_that_do_not_exist_are_not_found(office: Office, path: str) -> None:
    assert Visitor().get(f"/terms/{path}").status_code == 404


def test_terms_not_announced_are_not_shown(office: Office) -> None:
    early = Visitor(BEFORE_TERMS)
    assert early.get("/terms/counselling/1/").status_code == 404
    assert "ただいま準備中です" in text_of(early.get("/terms/counselling/"))


@pytest.mark.parametrize("path", ["2/", "notice/2/", "comparison/2/1/"])
def test_draft_is_not_public(office: Office, path: str) -> None:
    make_draft(office)
    assert Visitor().get(f"/terms/counselling/{path}").status_code == 404


def test_articles_have_stable_anchors_and_a_contents_list(office: Office) -> None:
    html = Visitor().get("/terms/counselling/").content.decode()
    assert 'id="article-1"' in html
    assert '<li><a href="#article-1">第1条（目的）</a></li>' in html


def test_point_stands_beside_its_article(office: Office) -> None:
    set_point(office.version.pk, "1", "オンラインでも相談できます。", by=office.staff, now=MORNING)
    assert "第1条（目的）要点オンラインでも相談できます。第1版の本文。" in text_of(Visitor().get("/terms/counselling/"))


def test_caption_stands_as_the_source_has_it(office: Office) -> None:
    announced(office, make_draft(office))
    assert "（目的）　第１条" in Visitor().get("/terms/counselling/2/").content.decode()


def test_notice_tells_everything_of_article_13(office: Office) -> None:
    """C13-0, C13-2."""
    announced(office, make_draft(office))
    words = text_of(Visitor().get("/terms/counselling/notice/2/"))
    for said in (
        "「試験用オンライン職業相談利用規約」を、2027年4月20日（火）から次のとおり変更します。",
        "効力発生時期2027年4月20日（火）0:00から",
        "変更の根拠この規約の第13条第2号（目的に反せず合理的）",
        "変更の理由手続を分かりやすくするためです。",
        "変更後の利用規約（全文）を読む",
        "変わるところを、新旧対照表で見る",
        "すでにお申込みのご予約は、そのままご利用いただけます。",
    ):
        assert said in words


def test_notice_of_individual_consent_says_what_is_blocked(office: Office) -> None:
    """C13-x, A11."""
    announced(office, make_draft(office), ground=Ground.INDIVIDUAL_CONSENT)
    words = text_of(Visitor().get("/terms/counselling/notice/2/"))
    assert "同意いただくまで、オンラインでの相談はご利用いただけません。すでにお申込みのご予約も同じです。" in words


def test_comparison_shows_both_versions(office: Office) -> None:
    announced(office, make_draft(office))
    words = text_of(Visitor().get("/terms/counselling/comparison/2/1/"))
    assert "新旧対照表" in words
    assert "効力発生日：令和9年（2027年）4月20日" in words


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (MORNING - SECOND, ""),
        (MORNING, "2027年4月20日（火）から、「試験用オンライン職業相談利用規約」が変わります。"),
        (AT_EFFECT - SECOND, "2027年4月20日（火）から、「試験用オンライン職業相談利用規約」が変わります。"),
        (AT_EFFECT, "2027年4月20日（火）に、「試験用オンライン職業相談利用規約」が変わりました。"),
        (AT_EFFECT + timedelta(days=14) - SECOND, "2027年4月20日（火）に、「試験用オンライン職業相談利用規約」が変わりました。"),
        (AT_EFFECT + timedelta(days=14), ""),
    ],
)
def test_banner_stands_on_every_page_until_14_days_after_effect(office: Office, moment: datetime, said: str) -> None:
    """C13-0."""
    announced(office, make_draft(office))
    words = text_of(Visitor(moment).get("/accessibility/"))
    assert ("「試験用オンライン職業相談利用規約」が変わり" in words) == bool(said)
    assert said in words


@pytest.mark.parametrize("many", [False, True])
def test_terms_page_costs_the_same_at_many_versions(office: Office, many: bool, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(2, 8 if many else 3):
        announced(office, make_draft(office, number), on=EFFECT + timedelta(days=number))
    with at_time(MORNING), django_assert_num_queries(8):  # five of them versions, the text, points and the two of the banners
        Visitor().client.get("/terms/counselling/")


def test_consents_are_shown_to_the_person_who_is_signed_in(office: Office) -> None:
    visitor = Visitor()
    visitor.apply()
    words = text_of(visitor.get("/consents/"))
    assert "豊岡花子様" in words
    assert words.count(Consent.objects.first().content_sha256) == 2  # the tick, and the application that follows from it
    assert "利用規約（令和5年（2023年）8月29日版）を読み、同意します。" in words
    assert "もとの同意2027年4月6日（火）9:30" in words


def test_consents_show_withdrawals(office: Office) -> None:
    visitor = Visitor()
    visitor.apply()
    withdraw(Person.objects.get(), document=COUNSELLING, by=office.staff, now=MORNING + timedelta(hours=1))
    assert "同意の撤回2027年4月6日（火）10:30試験用の規約（counselling）" in text_of(visitor.get("/consents/"))


def test_consents_of_nobody_say_how_to_see_them(person: Person) -> None:
    page = Visitor().get("/consents/")
    assert "メールアドレスの確認が済んでいる間だけ" in text_of(page)
    assert Consent.objects.get().content_sha256 not in page.content.decode()


def test_consents_are_linked_from_the_receipt(office: Office) -> None:
    visitor = Visitor()
    visitor.apply()
    assert 'href="/consents/"' in visitor.get(visitor.step("done")).content.decode()


def test_comparison_the_wrong_way_round_is_turned(office: Office) -> None:
    """The later text is 改正後, whatever the address says."""
    announced(office, make_draft(office))
    answer = Visitor().get("/terms/counselling/comparison/1/2/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/terms/counselling/comparison/2/1/")


def test_comparison_costs_one_query_beside_the_page(office: Office, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    announced(office, make_draft(office))
    with at_time(MORNING), django_assert_num_queries(6):  # three of them the READ ONLY transaction, two the banners
        Visitor().client.get("/terms/counselling/comparison/2/1/")


def test_comparison_is_headed_by_the_newer_title(office: Office) -> None:
    """The document's first title may be that of the demo's digest."""
    announced(office, make_draft(office))
    page = Visitor().get("/terms/counselling/comparison/2/1/").content.decode()
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["試験用オンライン職業相談利用規約　新旧対照表"]


def test_version_that_was_replaced_says_so(office: Office) -> None:
    """Such rows are older than the rule that no two versions take effect on one day."""
    announced(office, make_draft(office))
    publish_terms(number=3, effective_at=AT_EFFECT)
    page = Visitor().get("/terms/counselling/2/")
    assert "効力が生じる前に置き換えられましたこの版は、適用されたことがありません。" in text_of(page)
    assert "/terms/counselling/notice/2/" not in page.content.decode()


def test_two_changes_have_banners_with_names_of_their_own(office: Office) -> None:
    for number, days in ((2, 0), (3, 7)):
        announced(office, make_draft(office, number), on=EFFECT + timedelta(days=days))
    page = Visitor().get("/accessibility/").content.decode()
    assert re.findall(r'<section class="site-notice" aria-label="([^"]+)"', page) == [
        "「試験用オンライン職業相談利用規約」の2027年4月20日（火）の変更のお知らせ",
        "「試験用オンライン職業相談利用規約」の2027年4月27日（火）の変更のお知らせ",
    ]


@pytest.mark.parametrize(("path", "other"), [("counselling", "seminar"), ("seminar", "counselling")])
def test_both_documents_are_a_tap_away(office: Office, path: str, other: str) -> None:
    page = Visitor().get(f"/terms/{path}/").content.decode()
    main, footer = page[page.index("<main") : page.index("</main>")], page[page.index("<footer") :]
    assert f'href="/terms/{other}/"' in main
    assert re.findall(r'href="/terms/(\w+)/"', footer) == ["counselling", "seminar"]


@pytest.mark.parametrize(
    ("ground", "said"),
    [
        (Ground.REASONABLE, "すでにお申込みのセミナー・企業見学会には、そのままご参加いただけます。"),
        (Ground.INDIVIDUAL_CONSENT, "オンラインのセミナー・企業見学会にはご参加いただけません。すでにお申込みの回も同じです。"),
    ],
)
def test_notice_of_the_seminar_terms_speaks_of_seminars(office: Office, ground: Ground, said: str) -> None:
    """S9-0."""
    publish_terms(SEMINAR)
    raw = text(title="試験用オンラインセミナー規約")
    (draft,) = import_text(raw, name="terms.txt", by=office.staff, now=MORNING)
    version = announced(office, draft, ground=ground)
    words = text_of(Visitor().get("/terms/seminar/notice/2/"))
    answer = words.partition("同意いただけない場合")[2].partition("お電話")[0]
    assert (said in answer, "予約" in answer, "オンラインでの相談" in answer) == (True, False, False)
    hanako = make_person()
    mails.terms_changed(version.notice, hanako, before=None, key="x", now=MORNING, wall=MORNING)
    body = OutgoingMail.objects.get(key="x").body
    assert [word in body for word in ("セミナー・企業見学会", "予約済みの相談", "いますぐの相談")] == [True, False, False]


def test_terms_offer_a_search_that_needs_no_script(office: Office) -> None:
    page = Visitor().get("/terms/counselling/").content.decode()
    assert "ブラウザーの「ページ内を検索」をお使いください。" in page
    assert re.findall(r'<div class="field find"[^>]* (hidden)>', page) == ["hidden"]
