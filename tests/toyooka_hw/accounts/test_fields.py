"""What people type about themselves: every usual way of writing is taken, the rest refused with the right words (japan.md's formats)."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from toyooka_hw.accounts.fields import (
    DigitsField,
    EstablishmentNumberField,
    JobOfferNumberField,
    JobSeekerNumberField,
    KanaField,
    LinesField,
    MailField,
    PhoneField,
)


def refusal(field: Field, typed: str) -> str:
    """The one message with which the field refuses."""
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    return str(refused.value.messages[0])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("28090-1234567", "28090-1234567"),
        ("２８０９０－１２３４５６７８", "28090-12345678"),
        ("28090ー1234567", "28090-1234567"),
        ("28090−1234", "28090-1234"),
        ("28090‐1234", "28090-1234"),
        ("28090―1", "28090-1"),
        ("2809012345678", "28090-12345678"),
        (" 28090 - 1234567 ", "28090-1234567"),
    ],
)
def test_job_seeker_number_is_normalised(typed: str, kept: str) -> None:
    assert JobSeekerNumberField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["2809", "28090", "28090-123456789", "28090-", "A8090-1234567", "28-0901234567", "٢٨٠٩٠-١٢٣"])
def test_job_seeker_number_of_another_shape_is_refused(typed: str) -> None:
    assert refusal(JobSeekerNumberField(), typed) == "求職番号は、5けたの数字とハイフン、8けたまでの数字で入力してください。"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1234-123456-7", "1234-123456-7"),
        ("１２３４ー１２３４５６ー７", "1234-123456-7"),
        ("1234−1‐7", "1234-000001-7"),
        ("12340000017", "1234-000001-7"),
        ("12341234567", "1234-123456-7"),
        (" 1234 - 123456 - 7 ", "1234-123456-7"),
        ("", ""),
    ],
)
def test_establishment_number_is_normalised(typed: str, kept: str) -> None:
    assert EstablishmentNumberField(required=False).clean(typed) == kept


@pytest.mark.parametrize(
    "typed", ["1234", "1234-1234567-1", "1234-123456", "123-123456-7", "1234-123456-78", "123412345", "123412345678", "A234-123456-7"]
)
def test_establishment_number_of_another_shape_is_refused(typed: str) -> None:
    words = "事業所番号は、4けた・6けたまで・1けたの数字をハイフンでつないで入力してください。例：1234-123456-7"
    assert refusal(EstablishmentNumberField(), typed) == words


def test_missing_establishment_number_is_asked_for() -> None:
    assert refusal(EstablishmentNumberField(), "") == "事業所番号を入力してください。"


@pytest.mark.parametrize(("typed", "kept"), [("２８０９０－１２３４５６７", "28090-1234567"), ("2809012345678", "28090-12345678")])
def test_job_offer_number_is_normalised(typed: str, kept: str) -> None:
    assert JobOfferNumberField().clean(typed) == kept


def test_job_offer_number_of_another_shape_is_refused() -> None:
    words = "求人番号は、5けたの数字とハイフン、8けたまでの数字で入力してください。"
    assert [refusal(JobOfferNumberField(), typed) for typed in ("28090", "28090-123456789")] == [words] * 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("090-1234-5678", "+819012345678"),
        ("０９０ー１２３４ー５６７８", "+819012345678"),
        ("06012345678", "+816012345678"),
        ("050-1234-5678", "+815012345678"),
        ("(0796)23-1234", "+81796231234"),
        ("+81 90 1234 5678", "+819012345678"),
    ],
)
def test_phone_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert PhoneField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["110", "119", "0796-23", "09012345", "電話なし", "0796-HELLO"])
def test_phone_that_is_none_is_refused(typed: str) -> None:
    assert refusal(PhoneField(), typed) == "電話番号を確認してください。例：0796-00-0000、090-0000-0000"


@pytest.mark.parametrize("typed", ["0120-123-456", "0800-123-4567", "0570-06-4000", "0990-123456", "020-1234-5678"])
def test_phone_that_is_nobodys_own_is_refused(typed: str) -> None:
    assert refusal(PhoneField(), typed) == "フリーダイヤルなどの番号は登録できません。"


def test_phone_abroad_is_refused() -> None:
    assert refusal(PhoneField(), "+1 212 555 0123").startswith("海外の電話番号では")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("とよおか はなこ", "トヨオカ ハナコ"), ("ﾄﾖｵｶ ﾊﾅｺ", "トヨオカ ハナコ"), ("ヴァン・デン・ボー", "ヴァン・デン・ボー"), ("", "")],
)
def test_kana_is_kept_in_full_width(typed: str, kept: str) -> None:
    assert KanaField(required=False).clean(typed) == kept


@pytest.mark.parametrize("typed", ["豊岡", "hanako", "はなこ1"])
def test_kana_in_other_letters_is_refused(typed: str) -> None:
    assert refusal(KanaField(), typed) == "ひらがなまたはカタカナで入力してください。"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Hanako@Example.jp", "hanako@example.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
        (" hanako@example.jp　", "hanako@example.jp"),
    ],
)
def test_mail_is_normalised(typed: str, kept: str) -> None:
    assert MailField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["a..b@docomo.ne.jp", "ab.@ezweb.ne.jp"])
def test_mail_that_no_server_accepts_is_refused_with_the_reason(typed: str) -> None:
    assert refusal(MailField(), typed).startswith("「.」が続くアドレスや「@」の直前に「.」があるアドレスには、メールをお送りできません。")


@pytest.mark.parametrize("typed", ["hanako", "hanako@", "@example.jp", "hanako@example"])
def test_mail_of_another_shape_is_refused(typed: str) -> None:
    assert refusal(MailField(), typed) == "メールアドレスの形式を確認してください。例：hanako@example.jp"


def test_digits_are_taken_in_any_width() -> None:
    assert DigitsField(4, error_messages={"invalid": "4けた"}).clean("５６ ７８") == "5678"


@pytest.mark.parametrize("typed", ["567", "56789", "567a", "①②③④⑤"])
def test_digits_of_another_number_are_refused(typed: str) -> None:
    assert refusal(DigitsField(4, error_messages={"invalid": "4けた"}), typed) == "4けた"


def test_lines_count_a_break_once() -> None:
    assert LinesField(max_length=3).clean("一\r\n二") == "一\n二"
