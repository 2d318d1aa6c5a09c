"""A change is announced with all that C13 (S9) demands, or not at all; what was announced is frozen."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from consent.models import ChangeNotice, TermsDocument, TermsVersion
from consent.operations import (
    AlreadyAnnounced,
    Announcement,
    EditorialContradicts,
    EffectOutOfOrder,
    EffectTooEarly,
    EffectTooLate,
    NotChecked,
    NoticeIncomplete,
    PlaceholdersRemain,
    ReadAnotherText,
    WrongGround,
    announce,
    check,
    fill_placeholders,
    import_text,
    mark_editorial,
)
from consent.queries import staged, version_in_force
from consent.rules import Ground, Stage, midnight
from tests.cast import MORNING, Office
from tests.change import announced, announcement, checked, make_draft, text

APRIL_20_IN_TOKYO = datetime(2027, 4, 19, 15, tzinfo=UTC)


def test_announced_version_binds_from_midnight_without_anybody_pressing(office: Office) -> None:
    """C13-0."""
    version = announce(checked(office).pk, announcement(), by=office.tanaka.user, now=MORNING)
    assert (version.announced_by, version.announced_at, version.effective_at) == (office.tanaka.user, MORNING, APRIL_20_IN_TOKYO)
    eve = APRIL_20_IN_TOKYO - timedelta(seconds=1)
    binding = [version_in_force("counselling", now=now) for now in (eve, APRIL_20_IN_TOKYO)]
    assert binding == [office.version, version]
    assert [stage for _, stage in staged("counselling", now=APRIL_20_IN_TOKYO)] == [Stage.IN_FORCE, Stage.SUPERSEDED]


def test_notice_keeps_what_was_told(office: Office) -> None:
    version = announced(office)
    notice = ChangeNotice.objects.get()
    assert (notice.version, notice.ground, notice.clause, notice.announced_by) == (
        version,
        Ground.REASONABLE,
        "第13条第2号",
        office.staff,
    )
    assert (notice.summary, notice.reason, notice.content_matches) == ("予約の手順を改めます。", "手続を分かりやすくするためです。", True)
    assert notice.announced_at == MORNING


@pytest.mark.parametrize("field", ["summary", "reason", "bureau_url", "content_matches"])
def test_announcement_without_what_article_13_demands_is_refused(office: Office, field: str) -> None:
    """C13-0: the fact, the text, the moment, the ground; and the bureau's page compared."""
    version = checked(office)
    with pytest.raises(NoticeIncomplete) as refusal:
        announce(version.pk, announcement(**{field: ""}), by=office.staff, now=MORNING)
    assert refusal.value.missing == (field,)
    assert ChangeNotice.objects.count() == 0


@pytest.mark.parametrize("ground", [Ground.REASONABLE, Ground.GENERAL_BENEFIT, Ground.INDIVIDUAL_CONSENT])
def test_change_takes_effect_at_the_next_midnight_at_the_earliest(office: Office, ground: Ground) -> None:
    """C13-2, 1.6: `reasonable`, effective before notice time."""
    version = checked(office)
    with pytest.raises(EffectTooEarly) as refusal:
        announce(version.pk, announcement(ground=ground, effective_on=date(2027, 4, 6)), by=office.staff, now=MORNING)
    assert refusal.value.earliest == date(2027, 4, 7)
    announce(version.pk, announcement(ground=ground, effective_on=date(2027, 4, 7)), by=office.staff, now=MORNING)


def test_unchecked_draft_is_not_announced(office: Office) -> None:
    with pytest.raises(NotChecked):
        announce(make_draft(office).pk, announcement(), by=office.staff, now=MORNING)


def test_text_with_blanks_is_not_announced_until_they_are_filled(office: Office) -> None:
    """1.0, 1.6."""
    version = checked(office, make_draft(office, 2, "（会議用アプリ名）を使います。"))
    with pytest.raises(PlaceholdersRemain) as refusal:
        announce(version.pk, announcement(), by=office.staff, now=MORNING)
    assert refusal.value.remaining == ("（会議用アプリ名）",)
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.sato.user, now=MORNING)
    check(version.pk, by=office.tanaka.user, now=MORNING)
    announce(version.pk, announcement(), by=office.staff, now=MORNING)


def test_version_is_announced_once(office: Office) -> None:
    version = announced(office)
    with pytest.raises(AlreadyAnnounced):
        announce(version.pk, announcement(), by=office.staff, now=MORNING)


def test_change_cannot_take_effect_before_one_announced_earlier(office: Office) -> None:
    announced(office)  # on 20 April
    third = checked(office, make_draft(office, 3, "三つ目の本文です。"))
    with pytest.raises(EffectOutOfOrder):
        announce(third.pk, announcement(effective_on=date(2027, 4, 19)), by=office.staff, now=MORNING)
    announce(third.pk, announcement(effective_on=date(2027, 4, 21)), by=office.staff, now=MORNING)
    assert version_in_force("counselling", now=APRIL_20_IN_TOKYO + timedelta(days=1)) == third


def test_two_versions_never_take_effect_on_one_day(office: Office) -> None:
    """Two mails would go out, and one of the two texts would never bind."""
    announced(office)
    third = checked(office, make_draft(office, 3, "三つ目の本文です。"))
    with pytest.raises(EffectOutOfOrder):
        announce(third.pk, announcement(), by=office.staff, now=MORNING)
    assert ChangeNotice.objects.count() == 1


def test_first_publication_needs_no_notice_and_may_lie_in_the_past(office: Office) -> None:
    (version,) = import_text(
        text(title="試験用セミナー規約", dated="令和５年８月２９日"), name="terms.txt", by=office.sato.user, now=MORNING
    )
    check(version.pk, by=office.tanaka.user, now=MORNING)
    with pytest.raises(WrongGround):
        announce(version.pk, announcement(), by=office.staff, now=MORNING)
    announce(version.pk, Announcement(Ground.INITIAL, date(2023, 8, 29)), by=office.staff, now=MORNING)
    assert version_in_force("seminar", now=MORNING) == version


def test_first_publication_happens_once(office: Office) -> None:
    with pytest.raises(WrongGround):
        announce(checked(office).pk, announcement(ground=Ground.INITIAL), by=office.staff, now=MORNING)


def test_official_text_over_the_digest_is_a_first_publication(office: Office) -> None:
    """The demo's digest never counts as a text of the office's."""
    opening = midnight(date(2023, 8, 29))
    digest = TermsVersion.objects.create(
        document=TermsDocument.objects.create(code="seminar", title="要約"),
        number=1,
        dated=opening.date(),
        issuer="デモ",
        articles=[],
        content_sha256="",
        is_digest=True,
        announced_at=opening,
        effective_at=opening,
    )
    (version,) = import_text(
        text(title="試験用セミナー規約", dated="令和５年８月２９日"), name="terms.txt", by=office.sato.user, now=MORNING
    )
    check(version.pk, by=office.tanaka.user, now=MORNING)
    announce(version.pk, Announcement(Ground.INITIAL, date(2023, 8, 29)), by=office.staff, now=MORNING)
    assert (version.document, version_in_force("seminar", now=MORNING)) == (digest.document, version)


def rewritten(version: TermsVersion) -> None:
    TermsVersion.objects.filter(pk=version.pk).update(preamble="書き換え")


def put_off(version: TermsVersion) -> None:
    TermsVersion.objects.filter(pk=version.pk).update(effective_at=MORNING)


def made_a_draft_again(version: TermsVersion) -> None:
    TermsVersion.objects.filter(pk=version.pk).update(announced_at=None, announced_by=None)


def deleted(version: TermsVersion) -> None:
    TermsVersion.objects.filter(pk=version.pk)._raw_delete("default")


def told_otherwise(version: TermsVersion) -> None:
    ChangeNotice.objects.filter(version=version).update(summary="書き換え")


@pytest.mark.parametrize("change", [rewritten, put_off, made_a_draft_again, deleted, told_otherwise])
def test_database_keeps_what_was_announced(office: Office, change: Callable[[TermsVersion], None]) -> None:
    version = announced(office)
    with pytest.raises(DatabaseError, match=r"frozen|append-only"), transaction.atomic():
        change(version)


def test_draft_can_still_be_changed_and_deleted(office: Office) -> None:
    version = make_draft(office)
    rewritten(version)
    deleted(version)
    assert TermsVersion.objects.count() == 1


def test_database_refuses_a_reasonable_change_without_notice_time(office: Office) -> None:
    """C13-2: not even a script saves it; the cast's version was announced at its very effect."""
    facts = {"summary": "概要", "reason": "理由", "bureau_url": "https://bureau.example.jp/", "content_matches": True}
    with pytest.raises(IntegrityError, match="after its announcement"), transaction.atomic():
        ChangeNotice.objects.create(version=office.version, ground=Ground.REASONABLE, **facts)
    with pytest.raises(IntegrityError, match="notice_is_complete"), transaction.atomic():
        ChangeNotice.objects.create(version=office.version, ground=Ground.GENERAL_BENEFIT, **{**facts, "content_matches": False})


def editorial(office: Office, draft: TermsVersion) -> TermsVersion:
    mark_editorial(draft.pk, reason="誤字の訂正のみです。", by=office.sato.user, now=MORNING)
    return check(draft.pk, by=office.tanaka.user, now=MORNING)


def test_editorial_change_cannot_rest_on_individual_consent(office: Office) -> None:
    """It asks nobody again; the ground would have to."""
    version = editorial(office, make_draft(office))
    with pytest.raises(EditorialContradicts):
        announce(version.pk, announcement(ground=Ground.INDIVIDUAL_CONSENT), by=office.staff, now=MORNING)
    announce(version.pk, announcement(), by=office.staff, now=MORNING)


def test_first_publication_is_never_editorial(office: Office) -> None:
    """Else what people agreed to in the demo's digest would count for the office's text."""
    (draft,) = import_text(text(title="試験用セミナー規約"), name="terms.txt", by=office.sato.user, now=MORNING)
    version = editorial(office, draft)
    with pytest.raises(EditorialContradicts):
        announce(version.pk, Announcement(Ground.INITIAL, date(2027, 4, 6)), by=office.staff, now=MORNING)


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        (date(2022, 8, 27), EffectTooEarly),
        (date(2022, 8, 28), None),
        (date(2032, 4, 9), None),
        (date(2032, 4, 10), EffectTooLate),
        (date(1, 1, 1), EffectTooEarly),
        (date(9999, 12, 31), EffectTooLate),
    ],
)
def test_first_publication_lies_near_the_date_of_its_text(office: Office, day: date, refused: type[Exception] | None) -> None:
    """2013 typed for 2023 would be frozen for ever."""
    raw = text(title="試験用セミナー規約", dated="令和５年８月２９日")
    (draft,) = import_text(raw, name="terms.txt", by=office.sato.user, now=MORNING)
    check(draft.pk, by=office.tanaka.user, now=MORNING)
    with pytest.raises(refused) if refused else nullcontext():
        announce(draft.pk, Announcement(Ground.INITIAL, day), by=office.staff, now=MORNING)
    assert (TermsVersion.objects.get(pk=draft.pk).announced_at is None) is bool(refused)


def test_text_that_was_changed_after_it_was_read_is_not_announced(office: Office) -> None:
    """Filled in and checked anew while somebody had the page open."""
    version = checked(office, make_draft(office, 2, "（会議用アプリ名）を使います。"))
    read = version.reading
    fill_placeholders(version.pk, {"（会議用アプリ名）": "Zoom"}, by=office.sato.user, now=MORNING)
    check(version.pk, by=office.tanaka.user, now=MORNING)
    with pytest.raises(ReadAnotherText):
        announce(version.pk, announcement(), by=office.staff, now=MORNING, reading=read)
    announce(version.pk, announcement(), by=office.staff, now=MORNING, reading=TermsVersion.objects.get(pk=version.pk).reading)


def test_decision_that_it_is_editorial_is_part_of_what_was_read(office: Office) -> None:
    version = checked(office)
    read = version.reading
    editorial(office, version)
    with pytest.raises(ReadAnotherText):
        announce(version.pk, announcement(), by=office.staff, now=MORNING, reading=read)


@pytest.mark.parametrize(("typed", "cited"), [("", "第13条第2号"), (" 第14条第2号 ", "第14条第2号")])
def test_clause_cited_is_the_usual_one_unless_staff_say_otherwise(office: Office, typed: str, cited: str) -> None:
    """C13-2."""
    announce(checked(office).pk, announcement(clause=typed), by=office.staff, now=MORNING)
    assert ChangeNotice.objects.get().clause == cited
