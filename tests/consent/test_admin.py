"""The terms in the hands of the office: uploaded, checked by a second person, announced with all of article 13, compared, proven."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from consent.models import ChangeNotice, Consent, ConsentWithdrawal, MinistryRecord, RowCorrection, TermsVersion
from consent.operations import check, fill_placeholders, import_text, mark_editorial, send_notices
from consent.queries import COUNSELLING, SEMINAR
from consent.rules import Ground
from tests.booking.admin.conftest import Desk, DeskOf, desk, desk_of
from tests.cast import MORNING, TUESDAY, Office, make_person, publish_terms
from tests.change import EFFECT, announced, make_draft, text
from tests.consent.terms_texts import INVENTED, STATUTE
from tests.pages import forms_of
from tests.visitor import at_time, field_value, text_of
from toyooka_hw.accounts.models import Person, User
from toyooka_hw.accounts.operations import ensure_roles

__all__ = ["desk", "desk_of"]
VERSIONS = "/admin/consent/termsversion/"
CHANGE = {
    "ground": "reasonable",
    "summary": "予約の手順を改めます。",
    "reason": "手続を分かりやすくするためです。",
    "bureau_url": "https://bureau.example.jp/terms",
    "content_matches": "on",
    "effective_on": EFFECT.isoformat(),
}


def version_path(version: TermsVersion, below: str = "change/") -> str:
    return f"{VERSIONS}{version.pk}/{below}"


def file_of(content: bytes, name: str = "規約.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/plain")


@pytest.fixture
def second(office: Office, desk_of: DeskOf) -> Desk:
    """田中's desk: the second person."""
    return desk_of(office.tanaka.user)


@pytest.fixture
def draft(office: Office) -> TermsVersion:
    return make_draft(office, 2, "最初の条の本文。", "二つ目の条の本文。")


@pytest.fixture
def checked(office: Office, draft: TermsVersion) -> TermsVersion:
    return check(draft.pk, by=office.tanaka.user, now=MORNING)


# --- upload ---------------------------------------------------------------------------------------------------------------


def test_upload_shows_what_was_understood_and_saves_nothing(desk: Desk) -> None:
    page = desk.post(f"{VERSIONS}upload/", file=file_of(INVENTED.read_bytes()))
    words = text_of(page)
    assert "まだ何も保存していません" in words
    assert "条の数" in words
    assert [document["title"] in words for document in page.context["documents"]] == [True, True]
    assert TermsVersion.objects.count() == 1


def test_preview_shows_supplementary_provisions(desk: Desk) -> None:
    words = text_of(desk.post(f"{VERSIONS}upload/", file=file_of(STATUTE.read_bytes())))
    assert "附則（令和六年三月十日）１この規約は、令和六年四月一日から使います。２改正前の規約により" in words
    assert "附則（令和７年規則第２号）第１条この規則は、令和８年１月１日から始まります。第２条かまも貸します。" in words


def test_upload_of_the_same_words_in_other_lines_is_told_kindly(desk: Desk) -> None:
    for raw, said in (
        (text(), "下書きを作りました：「試験用オンライン職業相談利用規約"),
        (text().replace("特例です".encode(), "特\n例で す".encode()), "同じ文面の版がすでにあります（試験用オンライン職業相談利用規約"),
    ):
        preview = desk.post(f"{VERSIONS}upload/", file=file_of(raw))
        assert said in text_of(desk.post(f"{VERSIONS}upload/save/", parcel=field_value(preview, "parcel")))
    assert TermsVersion.objects.count() == 2


def test_upload_is_saved_as_drafts_after_the_preview(office: Office, desk: Desk) -> None:
    publish_terms(SEMINAR)
    known = {COUNSELLING: office.version.document, SEMINAR: TermsVersion.objects.get(document__code=SEMINAR).document}
    preview = desk.post(f"{VERSIONS}upload/", file=file_of(INVENTED.read_bytes()))
    for document, data in zip(known.values(), preview.context["documents"], strict=False):
        type(document).objects.filter(pk=document.pk).update(title=data["title"])
    saved = desk.post(f"{VERSIONS}upload/save/", parcel=field_value(preview, "parcel"))
    assert "下書きを作りました" in text_of(saved)
    drafts = TermsVersion.objects.filter(announced_at=None)
    assert {(each.source_name, each.created_by, each.source_sha256) for each in drafts} == {
        ("規約.txt", office.staff, preview.context["sha256"])
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ファイルが空です"),
        (b"\xff\xfe\x00", "行目"),
        ("題名だけの利用規約\n".encode(), "条が見つかりません"),
        (b"x" * 1_000_001, "1MBまで"),
    ],
)
def test_upload_of_a_broken_file_says_where(desk: Desk, content: bytes, said: str) -> None:
    assert said in text_of(desk.post(f"{VERSIONS}upload/", file=file_of(content)))
    assert TermsVersion.objects.count() == 1


@pytest.mark.parametrize("parcel", ["", "x", "eA:1:x"])
def test_parcel_that_was_tampered_with_saves_nothing(desk: Desk, parcel: str) -> None:
    desk.post(f"{VERSIONS}upload/save/", parcel=parcel)
    assert TermsVersion.objects.count() == 1


# --- the buttons ----------------------------------------------------------------------------------------------------------


def test_page_of_a_draft_offers_what_is_legal(desk: Desk, draft: TermsVersion) -> None:
    page = desk.get(version_path(draft))
    assert list(dict(page.context["buttons"])) == ["editorial", "check", "points", "discard"]
    assert "下書き" in text_of(page)


def test_announced_version_offers_nothing_that_changes_it(office: Office, desk: Desk, draft: TermsVersion) -> None:
    page = desk.get(version_path(announced(office, draft)))
    assert list(dict(page.context["buttons"])) == ["points"]
    assert "告知済み（施行前）" in text_of(page)


def test_list_names_the_stages(office: Office, desk: Desk, draft: TermsVersion) -> None:
    announced(office, draft)
    make_draft(office, 3)
    words = text_of(desk.get(VERSIONS))
    assert [stage in words for stage in ("下書き", "告知済み（施行前）", "現在の規約")] == [True] * 3


@pytest.mark.parametrize("many", [False, True])
def test_list_costs_the_same_at_many_versions(
    office: Office, desk: Desk, many: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(2, 9 if many else 3):
        make_draft(office, number)
    desk.get(VERSIONS)  # the session is warm from now on
    with at_time(MORNING), django_assert_num_queries(7):
        desk.client.get(VERSIONS)


def test_maker_cannot_check_the_draft(desk: Desk, draft: TermsVersion) -> None:
    assert "別の職員が確認してください" in text_of(desk.post(version_path(draft, "act/check/"), reading=draft.reading, compared="on"))
    draft.refresh_from_db()
    assert draft.checked_by is None


def test_second_person_checks_the_draft(office: Office, second: Desk, draft: TermsVersion) -> None:
    assert "確認済みにしました" in text_of(second.post(version_path(draft, "act/check/"), reading=draft.reading, compared="on"))
    draft.refresh_from_db()
    assert (draft.checked_by, draft.checked_at) == (office.tanaka.user, MORNING)


def test_check_without_reading_is_refused(second: Desk, draft: TermsVersion) -> None:
    assert "読み合わせてから" in text_of(second.post(version_path(draft, "act/check/"), reading=draft.reading))


def test_blanks_are_filled(office: Office, desk: Desk) -> None:
    blank = make_draft(office, 2, "（会議用アプリ名）を使います。（実施するサービス内容により適宜修正すること。）")
    assert "（会議用アプリ名）" in text_of(desk.get(version_path(blank)))
    assert "例：Zoom" in text_of(desk.post(version_path(blank, "act/fill/"), blank_0=""))
    desk.post(version_path(blank, "act/fill/"), blank_0="Zoom", blank_1="")
    blank.refresh_from_db()
    assert blank.articles[0]["paragraphs"][0]["text"] == "Zoomを使います。"
    assert (blank.edited_by, blank.edited_at) == (office.staff, MORNING)


def test_blanks_bar_the_announcement(office: Office, desk: Desk) -> None:
    blank = make_draft(office, 2, "（会議用アプリ名）を使います。")
    check(blank.pk, by=office.tanaka.user, now=MORNING)
    assert "空欄が残っています（（会議用アプリ名））" in text_of(
        desk.post(version_path(blank, "act/announce/"), reading=blank.reading, **CHANGE)
    )


def test_editorial_names_who_decided_and_why(office: Office, desk: Desk, draft: TermsVersion) -> None:
    desk.post(version_path(draft, "act/editorial/"), reason="条番号だけの変更")
    draft.refresh_from_db()
    assert (draft.editorial, draft.editorial_by, draft.editorial_reason) == (True, office.staff, "条番号だけの変更")


def test_points_are_kept_where_they_were_changed(desk: Desk, draft: TermsVersion) -> None:
    desk.post(version_path(draft, "act/points/"), point_1="かんたんに言うと。", point_2="")
    assert list(draft.points.values_list("article", "text")) == [("1", "かんたんに言うと。")]
    desk.post(version_path(draft, "act/points/"), point_1="", point_2="")
    assert list(draft.points.all()) == []


# --- announcing -----------------------------------------------------------------------------------------------------------


def test_draft_is_discarded_once_confirmed_with_a_reason(desk: Desk, draft: TermsVersion) -> None:
    path = version_path(draft, "act/discard/")
    assert "元には戻せません" in text_of(desk.get(path))
    assert "理由を入力してください" in text_of(desk.post(path))
    assert TermsVersion.objects.filter(pk=draft.pk).exists()
    answers = [desk.post(path, reason="取り違え") for _ in range(2)]
    assert [words in text_of(page) for words, page in zip(("下書きを破棄しました", "すでに破棄されています"), answers, strict=True)] == [
        True
    ] * 2
    assert [page.request["PATH_INFO"] for page in answers] == [VERSIONS] * 2
    assert not TermsVersion.objects.filter(pk=draft.pk).exists()


def test_draft_that_is_needed_says_why_it_stays(desk: Desk, office: Office, draft: TermsVersion) -> None:
    third = make_draft(office, 3)
    RowCorrection.objects.create(version=third, old_version=draft, row_key="1:1", by=office.staff, at=MORNING)
    assert "この版をもとにした記録" in text_of(desk.post(version_path(draft, "act/discard/"), reason="取り違え"))


def test_announced_version_is_not_discarded(desk: Desk, office: Office, draft: TermsVersion) -> None:
    announced(office, draft)
    assert "この操作はできません" in text_of(desk.post(version_path(draft, "act/discard/"), reason="取り違え"))
    assert TermsVersion.objects.filter(pk=draft.pk).exists()


def test_announcement_offers_thirty_days(desk: Desk, checked: TermsVersion) -> None:
    assert field_value_of(desk, checked, "effective_on") == (TUESDAY + timedelta(days=30)).isoformat()


def field_value_of(desk: Desk, version: TermsVersion, name: str) -> object:
    return desk.get(version_path(version, "act/announce/")).context["form"][name].value().isoformat()


def test_announcement_freezes_schedules_and_tells(desk: Desk, office: Office, checked: TermsVersion) -> None:
    """C13-0, C13-2."""
    assert "告知しました" in text_of(desk.post(version_path(checked, "act/announce/"), reading=checked.reading, **CHANGE))
    notice = ChangeNotice.objects.get(version=checked)
    assert (notice.ground, notice.clause, notice.content_matches, notice.announced_by) == ("reasonable", "第13条第2号", True, office.staff)
    checked.refresh_from_db()
    assert checked.announced_at == MORNING


@pytest.mark.parametrize("missing", ["ground", "summary", "reason", "bureau_url", "content_matches", "effective_on"])
def test_announcement_lacks_nothing_of_article_13(desk: Desk, checked: TermsVersion, missing: str) -> None:
    page = desk.post(
        version_path(checked, "act/announce/"),
        reading=checked.reading,
        **{name: value for name, value in CHANGE.items() if name != missing},
    )
    assert list(page.context["form"].errors) == [missing]
    assert not ChangeNotice.objects.filter(version=checked).exists()


def test_notice_of_less_than_fourteen_days_has_to_be_confirmed(desk: Desk, checked: TermsVersion) -> None:
    soon = {**CHANGE, "effective_on": (TUESDAY + timedelta(days=13)).isoformat()}
    assert "14日ありません" in text_of(desk.post(version_path(checked, "act/announce/"), reading=checked.reading, **soon))
    assert "告知しました" in text_of(desk.post(version_path(checked, "act/announce/"), reading=checked.reading, **soon, short_notice="on"))


def test_effect_today_is_refused(desk: Desk, checked: TermsVersion) -> None:
    """C13-2."""
    today = {**CHANGE, "effective_on": TUESDAY.isoformat(), "short_notice": "on"}
    assert "早くても2027年4月7日（水）です" in text_of(desk.post(version_path(checked, "act/announce/"), reading=checked.reading, **today))


def test_first_publication_asks_only_for_its_day(office: Office, desk: Desk) -> None:
    seminar = publish_terms(SEMINAR).document
    first = make_draft(office)
    TermsVersion.objects.filter(pk=first.pk).update(document=type(seminar).objects.create(code="third", title="三つ目"), number=1)
    check(first.pk, by=office.tanaka.user, now=MORNING)
    form = desk.get(version_path(first, "act/announce/")).context["form"]
    assert [field.name for field in form.visible_fields()] == ["effective_on"]
    desk.post(version_path(first, "act/announce/"), reading=first.reading, effective_on="2026-04-06")
    assert ChangeNotice.objects.get(version=first).ground == "initial"


# --- comparison -----------------------------------------------------------------------------------------------------------


def test_row_is_corrected_before_the_announcement(office: Office, desk: Desk, draft: TermsVersion) -> None:
    table = f"comparison/{office.version.pk}/"
    assert "訂正" in text_of(desk.get(version_path(draft, table)))
    form = desk.get(version_path(draft, f"{table}1:1/")).context["form"]
    whole = form["new"].value().replace("[[", "").replace("]]", "")
    marks = {"new": f"[[{whole}]]".replace("\n", "\r\n"), "old": form["old"].value(), "remark": "全部の変更"}
    assert "行を訂正しました" in text_of(desk.post(version_path(draft, f"{table}1:1/"), **marks))
    assert RowCorrection.objects.get().by == office.staff
    assert "全部の変更" in text_of(desk.get(version_path(draft, table)))


def test_correction_cannot_touch_the_wording(office: Office, desk: Desk, draft: TermsVersion) -> None:
    page = desk.post(version_path(draft, f"comparison/{office.version.pk}/1:1/"), new="別の本文", old="別の本文", remark="")
    assert "本文は変えられません" in text_of(page)
    assert not RowCorrection.objects.exists()


def test_announced_comparison_is_only_read(office: Office, desk: Desk, draft: TermsVersion) -> None:
    announced(office, draft)
    page = desk.get(version_path(draft, f"comparison/{office.version.pk}/"))
    assert page.context["may_correct"] is False


@pytest.mark.parametrize("below", ["comparison/999/", "comparison/999/1:1/", "act/nothing/"])
def test_what_does_not_exist_is_not_found(desk: Desk, draft: TermsVersion, below: str) -> None:
    assert desk.get(version_path(draft, below)).status_code == 404


# --- the notice -----------------------------------------------------------------------------------------------------------


def test_notice_lists_deliveries_and_whom_to_phone(office: Office, desk: Desk, person: Person, draft: TermsVersion) -> None:
    """C13-0: bounced mails are listed for the staff."""
    without = make_person("但馬 太郎", email="", phone="+819011112222")
    Consent.objects.create(
        person=without,
        version=office.version,
        content_sha256=office.version.content_sha256,
        method="staff_phone",
        label="同意",
        shown_at=MORNING,
        agreed_at=MORNING,
        recorded_by=office.staff,
    )
    notice = announced(office, draft).notice
    send_notices(notice.pk, now=MORNING, wall=MORNING)
    words = text_of(desk.get(f"/admin/consent/changenotice/{notice.pk}/change/"))
    assert ("但馬太郎090-****-2222表示メールアドレスがありません" in words, "1111-2222" in words) == (True, False)
    assert "送信待ち：1人" in words
    assert "豊岡花子送信待ち" in words


# --- evidence -------------------------------------------------------------------------------------------------------------


def test_record_of_a_person_is_shown_to_staff(desk: Desk, person: Person) -> None:
    words = text_of(desk.get(f"/admin/consent/consent/person/{person.pk}/"))
    assert "豊岡花子様" in words
    assert Consent.objects.get().content_sha256 in words


def test_ministry_record_and_withdrawal_name_who(office: Office, desk: Desk, person: Person) -> None:
    """C6-2-1b, A4."""
    desk.post(f"/admin/consent/consent/person/{person.pk}/ministry/", document=COUNSELLING)
    desk.post(f"/admin/consent/consent/person/{person.pk}/withdraw/", document=COUNSELLING)
    assert MinistryRecord.objects.get().recorded_by == office.staff
    assert ConsentWithdrawal.objects.get().recorded_by == office.staff


def test_ministry_record_leads_back_to_the_list_it_was_pressed_on(office: Office, desk: Desk, person: Person) -> None:
    path = f"/admin/consent/consent/person/{person.pk}/ministry/"
    inbox = "/admin/booking/booking/inbox/"
    page = desk.get(f"{path}?next={inbox}").content.decode()
    assert (f'name="next" value="{inbox}"' in page, f'class="closelink" href="{inbox}"' in page) == (True, True)
    answer = desk.post(path, document=COUNSELLING, next=inbox)
    assert (answer.request["PATH_INFO"], "ハローワークシステムへ記録済" in text_of(answer)) == (inbox, True)


def test_ministry_record_without_consent_is_refused(desk: Desk, office: Office) -> None:
    nobody = make_person("但馬 太郎", email="taro@example.jp")
    page = desk.post(f"/admin/consent/consent/person/{nobody.pk}/ministry/", document=COUNSELLING)
    assert "この方の同意の記録がありません" in text_of(page)


# --- who may ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "below", ["upload/", "{draft}/act/check/", "{draft}/act/announce/", "{draft}/act/discard/", "{draft}/comparison/{old}/1:1/"]
)
def test_only_managers_change_the_terms(office: Office, desk_of: DeskOf, draft: TermsVersion, below: str) -> None:
    ensure_roles()
    statuses = []
    for group in ("相談員", "管理者"):
        user = User.objects.create_user(f"in-{group}", password="correct horse battery", is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        path = VERSIONS + below.format(draft=draft.pk, old=office.version.pk)
        statuses.append(desk_of(user).get(path).status_code)
    # announcing a draft that nobody has checked leads the manager back to the version
    assert statuses == [403, 200]


def test_counsellor_sees_no_buttons(desk_of: DeskOf, draft: TermsVersion) -> None:
    ensure_roles()
    user = User.objects.create_user("counsellor", password="correct horse battery", is_staff=True)
    user.groups.add(Group.objects.get(name="相談員"))
    page = desk_of(user).get(version_path(draft))
    assert [action for action, _carried in forms_of(page) if "/act/" in action] == []
    assert "/act/check/" not in page.content.decode()


@pytest.mark.parametrize("ground", [Ground.GENERAL_BENEFIT, Ground.INDIVIDUAL_CONSENT])
def test_other_grounds_are_announced_too(desk: Desk, checked: TermsVersion, ground: Ground) -> None:
    """C13-1, C13-x."""
    desk.post(version_path(checked, "act/announce/"), reading=checked.reading, **{**CHANGE, "ground": ground.value})
    assert ChangeNotice.objects.get(version=checked).ground == ground


# --- what was read -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["check", "announce"])
def test_page_opened_before_the_text_changed_decides_nothing(office: Office, second: Desk, button: str) -> None:
    version = make_draft(office, 2, "（会議用アプリ名）を使います。")
    if button == "announce":
        check(version.pk, by=office.tanaka.user, now=MORNING)
    path = version_path(version, f"act/{button}/")
    opened = dict(forms_of(second.get(path)))[""]
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.sato.user, now=MORNING)
    if button == "announce":
        check(version.pk, by=office.tanaka.user, now=MORNING)
    answer = second.post(path, **{**opened, **CHANGE, "compared": "on"})
    told = [str(message) for message in answer.context["messages"]]
    assert told == ["画面を開いたあとに、この版の内容が変わりました。もう一度お読みになってから、操作してください。何も保存していません。"]
    version.refresh_from_db()
    assert (version.announced_at, version.checked_at) == (None, MORNING if button == "announce" else None)


def test_editorial_decision_is_taken_back_by_a_button(office: Office, desk: Desk, draft: TermsVersion) -> None:
    desk.post(version_path(draft, "act/editorial/"), reason="条番号だけの変更")
    page = desk.get(version_path(draft))
    assert list(dict(page.context["buttons"])) == ["binding", "check", "points", "discard"]
    assert "佐藤2027年4月6日（火）9:30条番号だけの変更" in text_of(page)
    desk.post(version_path(draft, "act/binding/"), reason="義務が増えるため")
    draft.refresh_from_db()
    assert (draft.editorial, draft.editorial_by) == (False, None)


def test_first_publication_is_not_offered_as_editorial(office: Office, desk: Desk) -> None:
    (first,) = import_text(text(title="試験用セミナー規約"), name="terms.txt", by=office.staff, now=MORNING)
    assert list(dict(desk.get(version_path(first)).context["buttons"])) == ["check", "points", "discard"]


def test_editorial_change_by_individual_consent_says_what_to_do(office: Office, desk: Desk, draft: TermsVersion) -> None:
    mark_editorial(draft.pk, reason="誤字", by=office.staff, now=MORNING)
    draft = check(draft.pk, by=office.tanaka.user, now=MORNING)
    page = desk.post(version_path(draft, "act/announce/"), reading=draft.reading, **{**CHANGE, "ground": "individual_consent"})
    assert page.context["form"].non_field_errors() == [
        "形式的な改正は、最初の公表にも、「個別の同意による」変更にもできません。「形式的な改正としない」を押すか、根拠を選び直してください。"
    ]


def test_clause_typed_by_staff_stands_in_the_notice(desk: Desk, checked: TermsVersion) -> None:
    desk.post(version_path(checked, "act/announce/"), reading=checked.reading, clause="第14条第2号", **CHANGE)
    assert ChangeNotice.objects.get(version=checked).clause == "第14条第2号"


def test_row_goes_back_to_the_automatic_one(office: Office, desk: Desk, draft: TermsVersion) -> None:
    path = version_path(draft, f"comparison/{office.version.pk}/1:1/")
    form = desk.get(path).context["form"]
    assert "automatic" not in form.fields
    marks = {"new": form["new"].value(), "old": form["old"].value()}
    desk.post(path, **marks, remark="字句の整理")
    desk.post(path, **marks, remark="字句の整理", automatic="on")
    assert [each.remark for each in RowCorrection.objects.order_by("pk")] == ["字句の整理", None]
    assert "automatic" not in desk.get(path).context["form"].fields


def test_text_from_before_this_era_is_shown_like_any_other(office: Office, desk: Desk) -> None:
    (old,) = import_text(text(dated="平成３０年４月１日"), name="terms.txt", by=office.staff, now=MORNING)
    assert [desk.get(path).status_code for path in (VERSIONS, version_path(old))] == [200, 200]
    assert "平成30年（2018年）4月1日" in text_of(desk.get(VERSIONS))


def test_preview_tells_which_lines_to_look_at_again(desk: Desk) -> None:
    raw = text("糸を使う。\n２針を使う。")
    page = desk.post(f"{VERSIONS}upload/", file=file_of(raw))
    assert [(doubt.line, doubt.words) for doubt in page.context["doubts"]] == [(5, "２針を使う。")]
    assert "5行目：２針を使う。" in text_of(page)
