"""The terms in Chromium, on a phone and at a desk: reading, the change and its notice, the answer to it, and the office's pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from booking.links import token_of
from booking.models import Booking
from booking.operations import applications
from consent.models import TermsVersion
from consent.operations import Shown, agree, check, send_notices, set_point
from consent.queries import COUNSELLING
from consent.rules import Ground, earliest_effect
from tests.amendment import after, before
from tests.browser.conftest import DESK, PHONE
from tests.cast import Office, application, make_person, publish_terms
from tests.change import announced, make_draft
from tests.consent.terms_texts import INVENTED
from tests.stories import Story
from toyooka_hw import clock
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.session import SIGNED_IN_FOR

Look = Callable[[Page, str], None]


@pytest.fixture
def current(story: Story, office_at_work: Office) -> TermsVersion:
    """The second version, in force for long, with fifteen articles of the usual length."""
    return publish_terms(number=2, effective_at=datetime(2024, 1, 1, tzinfo=UTC), articles=before())


@pytest.fixture
def booking(story: Story, current: TermsVersion) -> Booking:
    """A request made under the second version."""
    now = clock.now()
    person = make_person()
    agree(person, Shown(current.pk, "利用規約を読み、同意します。", now), document=COUNSELLING, now=now)
    return applications.request(person, application(current, story.at(10)), now=now, wall=clock.wall())


@pytest.fixture
def draft(story: Story, office_at_work: Office, current: TermsVersion) -> TermsVersion:
    """A third version with every kind of row in the comparison, and a 要点."""
    now = clock.now()
    draft = make_draft(office_at_work, 3, now=now)
    TermsVersion.objects.filter(pk=draft.pk).update(articles=after())
    set_point(draft.pk, "6-2", "急ぎのときは、予約がなくても相談できます。", by=office_at_work.staff, now=now)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def change(office_at_work: Office, booking: Booking, draft: TermsVersion) -> TermsVersion:
    """The third version, announced by individual consent for the next 00:00, everybody told."""
    now = clock.now()
    version = announced(office_at_work, draft, ground=Ground.INDIVIDUAL_CONSENT, on=earliest_effect(now), now=now)
    send_notices(version.notice.pk, now=now, wall=clock.wall())
    return version


def keep_session(page: Page, live_server: LiveServer, client: Client) -> None:
    """This browser goes on with the session of a test client."""
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}]
    )


def signed_in(person: Person) -> Client:
    client = Client()
    session = client.session
    session["person_id"], session["person_until"] = person.pk, (clock.wall() + SIGNED_IN_FOR).timestamp()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def look_twice(page: Page, look: Look, path: str, name: str) -> None:
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        page.goto(path)
        look(page, name)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("terms", "/terms/counselling/"),
        ("terms-announced", "/terms/counselling/3/"),
        ("terms-notice", "/terms/counselling/notice/3/"),
        ("terms-comparison", "/terms/counselling/comparison/3/2/"),
    ],
)
def test_public_pages_of_a_change_are_sound(page: Page, change: TermsVersion, look: Look, name: str, path: str) -> None:
    look_twice(page, look, path, name)
    expect(page.get_by_role("link", name="変更の内容を見る")).to_have_count(1)


def test_comparison_shows_every_kind_of_row(page: Page, change: TermsVersion) -> None:
    page.goto("/terms/counselling/comparison/3/2/")
    expect(page.locator(".comparison__row")).not_to_have_count(0)
    kinds = set(page.locator(".comparison__row").evaluate_all("rows => rows.map(row => row.className.split('--').at(-1))"))
    assert kinds == {"unchanged", "changed", "added", "removed", "moved", "moved_and_changed"}
    page.get_by_text("全文を見る").first.click()
    expect(page.locator(".comparison__full[open] p").first).to_be_visible()
    for words in ("（略）", "（新設）", "（削る）"):
        expect(page.get_by_text(words, exact=True).first).to_be_attached()


def test_two_changes_at_once_have_sound_banners(page: Page, office_at_work: Office, change: TermsVersion, look: Look) -> None:
    now = clock.now()
    announced(
        office_at_work, make_draft(office_at_work, 4, "四つ目の本文です。", now=now), on=earliest_effect(now) + timedelta(days=40), now=now
    )
    page.goto("/accessibility/")
    look(page, "terms-two-banners")
    expect(page.get_by_role("region", name="の変更のお知らせ")).to_have_count(2)


def test_search_leaves_the_articles_with_the_words(page: Page, current: TermsVersion, look: Look) -> None:
    page.goto("/terms/counselling/")
    field = page.get_by_label("この規約の中を探す")
    field.fill("記録 の")  # blanks are left out
    expect(page.get_by_role("status")).to_have_text("1か所に見つかりました。")
    expect(page.locator(".terms__article:visible h2")).to_have_text(["第7条（記録）"])
    look(page, "terms-search")
    field.fill("ありえないことば")
    expect(page.get_by_role("status")).to_have_text("見つかりませんでした。ほかのことばでお試しください。")
    page.get_by_text("目次").press("Enter")
    page.get_by_role("link", name="第3条（料金）").press("Enter")
    page.locator("#article-3").wait_for(state="visible")
    expect(page.locator(".terms__article:visible")).to_have_count(15)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_the_browsers_search_is_named(page: Page, current: TermsVersion) -> None:
    page.goto("/terms/counselling/")
    expect(page.get_by_text("ブラウザーの「ページ内を検索」をお使いください。")).to_be_visible()
    expect(page.get_by_label("この規約の中を探す")).to_be_hidden()


def test_contents_lead_to_the_article(page: Page, change: TermsVersion) -> None:
    page.goto("/terms/counselling/3/")
    page.get_by_text("目次").press("Enter")
    page.get_by_role("link", name="第6条の2（臨時の利用）").press("Enter")
    expect(page).to_have_url("/terms/counselling/3/#article-6-2")
    expect(page.locator(":target")).to_have_text("第6条の2（臨時の利用）")


def test_change_is_answered_from_the_booking(page: Page, story: Story, booking: Booking, change: TermsVersion, look: Look) -> None:
    story.move(change.effective_at + timedelta(hours=9))
    address = f"/b/{token_of(booking)}/"
    look_twice(page, look, address, "terms-asked")
    look_twice(page, look, f"{address}terms/", "terms-renewal")
    page.get_by_role("button", name="同意する").click()
    page.locator("#error-summary").wait_for()
    look(page, "terms-renewal-refused")
    page.get_by_label("利用規約（").check()
    page.get_by_label("Zoomの利用規約にも").check()
    page.locator("[name=digits]").fill("5678")
    page.get_by_role("button", name="同意する").click()
    page.get_by_text("利用規約への同意を記録しました。").wait_for()


def test_own_consents_are_sound(page: Page, live_server: LiveServer, booking: Booking, look: Look) -> None:
    look_twice(page, look, "/consents/", "consents-nobody")
    keep_session(page, live_server, signed_in(booking.applicant))
    look_twice(page, look, "/consents/", "consents")
    expect(page.get_by_role("button", name="印刷する")).to_be_visible()


@pytest.fixture
def desk(page: Page, live_server: LiveServer, office_at_work: Office, staff_client: Callable[[User], Client]) -> Page:
    """佐藤, signed in with the second factor."""
    keep_session(page, live_server, staff_client(office_at_work.staff))
    page.set_viewport_size(DESK)
    return page


def look_thrice(page: Page, look: Look, path: str, name: str) -> None:
    """At a desk, on a tablet, on a phone."""
    for size in (DESK, {"width": 820, "height": 1180}, PHONE):
        page.set_viewport_size(size)
        page.goto(path)
        look(page, name)


def test_page_of_the_blanks_is_sound(desk: Page, office_at_work: Office, story: Story, look: Look) -> None:
    words = "（会議用アプリ名）を使います。（実施するサービス内容により適宜修正すること。）"
    blank = make_draft(office_at_work, 2, words, now=clock.now())
    look_thrice(desk, look, f"/admin/consent/termsversion/{blank.pk}/act/fill/", "admin-terms-fill")
    desk.get_by_role("button", name="空欄を埋める").wait_for()


def test_pages_of_a_draft_are_sound(desk: Page, office_at_work: Office, draft: TermsVersion, current: TermsVersion, look: Look) -> None:
    check(draft.pk, by=office_at_work.tanaka.user, now=clock.now())
    version = f"/admin/consent/termsversion/{draft.pk}"
    compared = f"{version}/comparison/{current.pk}"
    for name, path in {
        "versions": "/admin/consent/termsversion/",
        "version": f"{version}/change/",
        "editorial": f"{version}/act/editorial/",
        "points": f"{version}/act/points/",
        "announce": f"{version}/act/announce/",
        "comparison": f"{compared}/",
        "correct": f"{compared}/1:1/",
    }.items():
        look_thrice(desk, look, path, f"admin-terms-{name}")
    expect(desk).to_have_url(f"{compared}/1:1/")


def test_upload_shows_a_preview(desk: Page, story: Story, look: Look) -> None:
    desk.goto("/admin/consent/termsversion/upload/")
    look(desk, "admin-terms-upload")
    desk.locator("[name=file]").set_input_files(INVENTED)
    desk.get_by_role("button", name="内容を確かめる").click()
    desk.get_by_text("まだ何も保存していません").wait_for()
    look(desk, "admin-terms-preview")


def test_notice_and_evidence_are_sound(desk: Page, change: TermsVersion, booking: Booking, look: Look) -> None:
    for name, path in {
        "notice": f"changenotice/{change.notice.pk}/change/",
        "records": f"consent/person/{booking.applicant_id}/",
        "ministry": f"consent/person/{booking.applicant_id}/ministry/",
    }.items():
        look_thrice(desk, look, f"/admin/consent/{path}", f"admin-terms-{name}")
    expect(desk.get_by_role("button", name="ハローワークシステムへ記録済")).to_be_visible()
