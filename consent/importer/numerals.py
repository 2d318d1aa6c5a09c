"""Numbers as an official text writes them: 12, １２ (half-width by then), 十二; and the signs that count items."""

_DIGITS = "一二三四五六七八九"
_TENS = {"十": 10, "百": 100}
KANJI = f"(?=[{_DIGITS}十百])(?:[{_DIGITS}]?百)?(?:[{_DIGITS}]?十)?[{_DIGITS}]?"
KANJI_SIGNS = _DIGITS + "十百"
CIRCLED = "".join(map(chr, (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0))))
# アイウ of plain rules and イロハ of statutes
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"


def number_of(written: str) -> int:
    """The number written in digits or in kanji."""
    if written.isdecimal():
        return int(written)
    total = digit = 0
    for sign in written:
        if sign in _TENS:
            total, digit = total + (digit or 1) * _TENS[sign], 0
        else:
            digit = _DIGITS.index(sign) + 1
    return total + digit


def kanji(number: int) -> str:
    """1 to 99 in kanji; empty beyond, where no list of items goes."""
    tens, ones = divmod(number, 10)
    if tens > len(_DIGITS):
        return ""
    return (_DIGITS[tens - 1] if tens > 1 else "") + "十" * (tens > 0) + (_DIGITS[ones - 1] if ones else "")
