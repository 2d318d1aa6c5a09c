"""From the file to a checked draft: issue points 1, 2; every act names who."""

import hashlib
from datetime import timedelta

import pytest

from consent.comparison import Correction, NoSuchRow, WordingChanged, compare
from consent.importer import ImportRefused
from consent.models import ArticlePoint, RowCorrection, TermsDocument, TermsVersion
from consent.operations import (
    AlreadyAnnounced,
    DocumentTwice,
    NoSuchArticle,
    NothingNew,
    ReadAnotherText,
    ReasonMissing,
    SecondPersonNeeded,
    UnknownDocument,
    check,
    content_hash,
    correct_row,
    discard,
    fill_placeholders,
    import_text,
    mark_editorial,
    set_point,
    unmark_editorial,
)
from consent.queries import compared, facts, is_corrected, staged, text_of, version_before, version_in_force
from consent.rules import Stage, in_force, placeholders
from tests.cast import MORNING, Office
from tests.change import EFFECT, announced, checked, make_draft, text
from tests.consent.terms_texts import official
from toyooka_hw.accounts.models import User
from toyooka_hw.audit.models import AuditEntry

SEMINAR_TITLE = "試験用オンラインセミナー利用規約"


def test_import_makes_drafts_that_know_their_source(office: Office) -> None:
    version = make_draft(office)
    assert (version.document, version.number, version.title) == (office.version.document, 2, "試験用オンライン職業相談利用規約")
    assert (version.dated.isoformat(), version.date_line, version.issuer) == ("2027-04-06", "令和９年４月６日", "試験所長")
    assert (version.source_name, len(version.source_sha256)) == ("terms.txt", 64)
    assert (version.created_by, version.created_at) == (office.sato.user, MORNING)
    assert version.content_sha256 == content_hash(version.preamble, version.parts)
    assert staged("counselling", now=MORNING)[0] == (version, Stage.DRAFT)


def test_import_of_two_documents_into_an_empty_portal(office: Office) -> None:
    both = text() + text(title=SEMINAR_TITLE)
    found = import_text(both, name="terms.txt", by=office.staff, now=MORNING)
    assert [(version.document.code, version.number) for version in found] == [("counselling", 2), ("seminar", 1)]


def test_import_of_one_document_twice_saves_nothing(office: Office) -> None:
    with pytest.raises(DocumentTwice, match="試験用オンライン職業相談利用規約"):
        import_text(text() + text("別の本文。"), name="terms.txt", by=office.staff, now=MORNING)
    assert TermsVersion.objects.count() == 1


def test_import_of_a_spaced_out_title_and_issuer_is_kept_whole(office: Office) -> None:
    """As some programs take the text out of a PDF."""
    title, issuer = " ".join("試験用オンライン職業相談利用規約".ljust(118, "々") + "規約"), " ".join("長" * 80)
    raw = text().decode().replace("試験用オンライン職業相談利用規約", title).replace("試験所長", issuer)
    (version,) = import_text(raw.encode(), name="terms.txt", by=office.staff, now=MORNING)
    assert (version.title, version.issuer) == (title, issuer)


def test_import_saves_nothing_where_one_document_is_unknown(office: Office) -> None:
    with pytest.raises(UnknownDocument, match="試験用釣り大会規約"):
        import_text(text() + text(title="試験用釣り大会規約"), name="terms.txt", by=office.staff, now=MORNING)
    assert TermsVersion.objects.count() == 1


def test_import_knows_a_document_by_the_title_it_was_given(office: Office) -> None:
    fishing = TermsDocument.objects.create(code="fishing", title="試験用釣り大会規約")
    (version,) = import_text(text(title="試験用釣り大会規約"), name="terms.txt", by=office.staff, now=MORNING)
    assert version.document == fishing


def test_import_of_a_broken_file_saves_nothing(office: Office) -> None:
    with pytest.raises(ImportRefused, match="条が見つかりません"):
        import_text("試験用の規約\n本文だけです。\n".encode(), name="terms.txt", by=office.staff, now=MORNING)
    assert TermsVersion.objects.count() == 1


def test_import_leaves_out_documents_that_did_not_change(office: Office) -> None:
    import_text(text() + text(title=SEMINAR_TITLE), name="terms.txt", by=office.staff, now=MORNING)
    (version,) = import_text(text() + text("別の本文。", title=SEMINAR_TITLE), name="terms.txt", by=office.staff, now=MORNING)
    assert (version.document.code, version.number) == ("seminar", 2)
    with pytest.raises(NothingNew):
        import_text(text(), name="terms.txt", by=office.staff, now=MORNING)


def rewrapped(raw: bytes) -> bytes:
    """The same words on a narrower page, with other blanks."""
    return "".join(f"　{line[:7]}\n{line[7:]} \n\n" for line in raw.decode().splitlines()).encode()


def test_import_of_the_same_words_wrapped_otherwise_is_nothing_new(office: Office) -> None:
    version = make_draft(office, 2, "改めた本文です。")
    with pytest.raises(NothingNew) as refused:
        import_text(rewrapped(text("改めた本文です。")), name="terms.txt", by=office.staff, now=MORNING)
    assert refused.value.same == [version]
    assert TermsVersion.objects.count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        text("改めた本文でした。"),
        text(dated="令和９年４月７日"),
        text(title="試験用オンライン職業相談の利用規約"),
        text(later="附則\n新しい。\n"),
    ],
)
def test_import_of_other_words_is_a_draft(office: Office, changed: bytes) -> None:
    version = make_draft(office, 2, "改めた本文です。")
    (second,) = import_text(changed, name="terms.txt", by=office.staff, now=MORNING)
    assert (version.number, second.number) == (2, 3)


def test_hash_is_that_of_the_words_alone() -> None:
    wrapped = [{"heading": "（目\n的）", "marker": "第 １条", "paragraphs": [{"marker": "", "text": "本 文\nです。", "items": []}]}]
    split = [
        {
            "heading": "（目的）",
            "marker": "第１条",
            "paragraphs": [{"marker": "", "text": "本文", "items": [{"marker": "で", "text": "す。"}]}],
        }
    ]
    other = [{"heading": "（目的）", "marker": "第１条", "paragraphs": [{"marker": "", "text": "本文でした。", "items": []}]}]
    same = hashlib.sha256("前文。（目的）第１条本文です。".encode()).hexdigest()
    assert [content_hash("前文。", articles) == same for articles in (wrapped, split, other)] == [True, True, False]


def test_supplementary_provisions_are_kept_filled_and_hashed(office: Office) -> None:
    """On both sides of the date line."""
    with_blanks = text(supplement="附則\n（会議用アプリ名）を使います。\n", later="附則（令和９年５月）\n第１条 新しい。\n")
    (version,) = import_text(with_blanks, name="terms.txt", by=office.staff, now=MORNING)
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.staff, now=MORNING)
    version.refresh_from_db()
    assert [each["paragraphs"][0]["text"] for each in version.supplements] == ["Zoomを使います。"]
    assert [each["articles"][0]["marker"] for each in version.later_supplements] == ["第１条"]
    assert version.content_sha256 == content_hash(version.preamble, version.parts)
    assert placeholders(version.preamble, version.parts) == ()


def test_official_text_becomes_two_drafts(office: Office) -> None:
    found = import_text(official(), name="official.txt", by=office.staff, now=MORNING)
    assert [(version.document.code, version.number, len(version.articles)) for version in found] == [
        ("counselling", 2, 15),
        ("seminar", 1, 12),
    ]


def test_draft_is_checked_by_another_person_than_its_author(office: Office) -> None:
    version = make_draft(office)
    with pytest.raises(SecondPersonNeeded):
        check(version.pk, by=office.sato.user, now=MORNING)
    check(version.pk, by=office.tanaka.user, now=MORNING)
    version.refresh_from_db()
    assert (version.checked_by, version.checked_at) == (office.tanaka.user, MORNING)
    assert staged("counselling", now=MORNING)[0][1] == Stage.CHECKED


def test_filling_a_blank_asks_for_a_new_check_by_another(office: Office) -> None:
    version = checked(office, make_draft(office, 2, "（会議用アプ\nリ名）を使います。"))
    before = version.content_sha256
    filled = fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.tanaka.user, now=MORNING)
    assert (filled.articles[0]["paragraphs"][0]["text"], placeholders(filled.preamble, filled.articles)) == ("Zoomを使います。", ())
    assert (filled.checked_by, filled.edited_by, filled.content_sha256 == before) == (None, office.tanaka.user, False)
    for author in (office.sato.user, office.tanaka.user):
        with pytest.raises(SecondPersonNeeded):
            check(version.pk, by=author, now=MORNING)


def test_editorial_change_says_who_decided_and_why(office: Office) -> None:
    version = checked(office)
    with pytest.raises(ReasonMissing):
        mark_editorial(version.pk, reason=" ", by=office.staff, now=MORNING)
    mark_editorial(version.pk, reason="誤字の訂正のみです。", by=office.staff, now=MORNING)
    version.refresh_from_db()
    assert (version.editorial, version.editorial_by, version.editorial_reason) == (True, office.staff, "誤字の訂正のみです。")
    assert (version.editorial_at, version.checked_by) == (MORNING, None)


def test_editorial_decision_is_taken_back_and_the_draft_checked_again(office: Office) -> None:
    version = make_draft(office)
    mark_editorial(version.pk, reason="誤字の訂正のみです。", by=office.staff, now=MORNING)
    check(version.pk, by=office.tanaka.user, now=MORNING)
    with pytest.raises(ReasonMissing):
        unmark_editorial(version.pk, reason=" ", by=office.staff, now=MORNING)
    unmark_editorial(version.pk, reason="義務が増える条がある。", by=office.staff, now=MORNING)
    version.refresh_from_db()
    assert (version.editorial, version.editorial_by, version.editorial_at, version.editorial_reason) == (False, None, None, "")
    assert version.checked_by is None
    decisions = AuditEntry.objects.filter(what__startswith="形式的な改正").order_by("pk")
    assert list(decisions.values_list("reason", flat=True)) == ["誤字の訂正のみです。", "義務が増える条がある。"]


def test_whoever_decided_that_it_is_editorial_does_not_check_it(office: Office) -> None:
    version = mark_editorial(make_draft(office).pk, reason="誤字の訂正のみです。", by=office.tanaka.user, now=MORNING)
    with pytest.raises(SecondPersonNeeded):
        check(version.pk, by=office.tanaka.user, now=MORNING)


def test_text_that_was_changed_after_it_was_read_is_not_checked(office: Office) -> None:
    version = make_draft(office, 2, "（会議用アプリ名）を使います。")
    read = version.reading
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.sato.user, now=MORNING)
    with pytest.raises(ReadAnotherText):
        check(version.pk, by=office.tanaka.user, now=MORNING, reading=read)
    version.refresh_from_db()
    assert (version.checked_by, version.reading == read) == (None, False)


def test_draft_checked_by_two_is_checked_by_the_first(office: Office) -> None:
    version = checked(office)
    third = User.objects.create_user("third", is_staff=True)
    assert check(version.pk, by=third, now=MORNING + timedelta(minutes=1)).checked_by == office.tanaka.user


def test_corrected_row_keeps_the_wording(office: Office) -> None:
    version = make_draft(office)
    row = next(row for row in compare(text_of(office.version), text_of(version)).rows if row.new and row.new.article.number == 1)
    with pytest.raises(WordingChanged):
        correct_row(version.pk, office.version.pk, row.key, Correction(new="別の文"), by=office.staff, now=MORNING)
    with pytest.raises(NoSuchRow):
        correct_row(version.pk, office.version.pk, "99", Correction(remark="x"), by=office.staff, now=MORNING)
    for remark in ("字句の整理", "全部改正"):
        correct_row(version.pk, office.version.pk, row.key, Correction(remark=remark), by=office.staff, now=MORNING)
    found = compared(version.pk, office.version.pk)
    assert found
    assert [each.remark for each in found[2].rows if each.key == row.key] == ["全部改正"]
    assert [(each.remark, each.by) for each in RowCorrection.objects.order_by("pk")] == [
        ("字句の整理", office.staff),
        ("全部改正", office.staff),
    ]


def test_corrected_row_goes_back_to_the_automatic_one(office: Office) -> None:
    """The newest correction counts; nothing is taken away."""
    version = make_draft(office)
    automatic = compare(text_of(office.version), text_of(version))
    key = automatic.rows[1].key
    for correction in (Correction(remark="字句の整理"), Correction()):
        correct_row(version.pk, office.version.pk, key, correction, by=office.staff, now=MORNING)
    found = compared(version.pk, office.version.pk)
    assert found
    assert (found[2], is_corrected(version.pk, office.version.pk, key), RowCorrection.objects.count()) == (automatic, False, 2)


def test_correction_of_a_row_that_is_understood_otherwise_by_now_is_passed_over(office: Office) -> None:
    """The algorithm of the comparison may change; the public page never breaks over an old correction."""
    version = make_draft(office)
    for key, marks in (("99:99", {}), ("1:1", {"new": "[[別の文]]"})):
        RowCorrection.objects.create(
            version=version, old_version=office.version, row_key=key, marks=marks, remark="古い訂正", by=office.staff, at=MORNING
        )
    found = compared(version.pk, office.version.pk)
    assert found
    assert found[2] == compare(text_of(office.version), text_of(version))


def test_corrections_of_an_older_wording_are_dropped_when_a_blank_is_filled(office: Office) -> None:
    version = make_draft(office, 2, "（会議用アプリ名）を使います。")
    key = compare(text_of(office.version), text_of(version)).rows[1].key
    correct_row(version.pk, office.version.pk, key, Correction(remark="訂正"), by=office.staff, now=MORNING)
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.staff, now=MORNING)
    assert RowCorrection.objects.count() == 0


def test_point_is_set_replaced_and_taken_away(office: Office) -> None:
    version = announced(office)
    for words in ("はじめの要点", " 要点 "):
        set_point(version.pk, "1-2", words, by=office.staff, now=MORNING)
    assert [(point.article, point.text, point.by) for point in ArticlePoint.objects.all()] == [("1-2", "要点", office.staff)]
    set_point(version.pk, "1-2", "", by=office.staff, now=MORNING)
    assert ArticlePoint.objects.count() == 0
    with pytest.raises(NoSuchArticle, match="9"):
        set_point(version.pk, "9", "要点", by=office.staff, now=MORNING)


def test_announced_version_is_closed_to_every_act(office: Office) -> None:
    version = announced(office)
    acts = (
        lambda: check(version.pk, by=office.staff, now=MORNING),
        lambda: fill_placeholders(version.pk, {}, by=office.staff, now=MORNING),
        lambda: mark_editorial(version.pk, reason="誤字", by=office.staff, now=MORNING),
        lambda: correct_row(version.pk, office.version.pk, "1", Correction(remark="x"), by=office.staff, now=MORNING),
        lambda: discard(version.pk, reason="取り違え", by=office.staff, now=MORNING),
    )
    for act in acts:
        with pytest.raises(AlreadyAnnounced):
            act()


def test_version_before_is_what_a_draft_would_take_over_from(office: Office) -> None:
    second = announced(office)
    third = make_draft(office, 3, "三つ目の本文です。")
    assert [version_before(version) for version in (third, second, office.version)] == [second, office.version, None]


@pytest.mark.parametrize("days", [0, 13, 14, 15, 29, 30, 400])
def test_version_in_force_is_the_one_of_the_rule(office: Office, days: int) -> None:
    announced(office)
    announced(office, make_draft(office, 3, "三つ目の本文です。"), on=EFFECT + timedelta(days=15))
    now = MORNING + timedelta(days=days)
    ruled = in_force([facts(version) for version, _stage in staged("counselling", now=now)], now=now)
    found = version_in_force("counselling", now=now)
    assert (ruled and ruled.id) == (found and found.pk)


def test_every_act_of_staff_is_in_the_audit(office: Office) -> None:
    version = make_draft(office, 2, "（会議用アプリ名）を使います。")
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.staff, now=MORNING)
    set_point(version.pk, "1", "要点", by=office.staff, now=MORNING)
    version.refresh_from_db()
    key = compare(text_of(office.version), text_of(version)).rows[1].key
    correct_row(version.pk, office.version.pk, key, Correction(remark="訂正"), by=office.staff, now=MORNING)
    announced(office, version)
    assert list(AuditEntry.objects.order_by("pk").values_list("what", "subject_pk", "by__username")) == [
        (what, str(version.pk), by)
        for what, by in (
            ("規約のファイルの取り込み", "sato"),
            ("空欄の記入", "sato"),
            ("要点の記入", "sato"),
            ("新旧対照表の行の訂正", "sato"),
            ("確認済みにする", "tanaka"),
            ("利用規約の告知", "sato"),
        )
    ]
