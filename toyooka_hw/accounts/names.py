"""Which characters of a name count as the same when people are looked for.

One row per character: the form that is kept, the forms that are found with it, and why. NFKC does the rest: half-width kana, full-width
letters and the compatibility forms of kanji (祐 神 福 都 …). Folding may find one person too many, who is then told apart by a human; it
must not miss anybody. Not folded, because they are names of their own that nobody mixes up in writing: 川/河, 阪/坂, 太/大, 碕/崎, 杉/椙.
"""

from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

OLD_FORM = "the old form (旧字体) of the same character: registers hold either"
VARIANT = "a variant shape (異体字) of the same character, typed by those who cannot enter the other"
MIXED = "another character, but written for one another by offices and by the people themselves"

FORMS: tuple[tuple[str, str, str], ...] = (
    ("高", "髙", VARIANT),
    ("崎", "﨑嵜", VARIANT),
    ("吉", "𠮷", VARIANT),
    ("桑", "桒", VARIANT),
    ("島", "嶋嶌", VARIANT),
    ("富", "冨", VARIANT),
    ("峰", "峯", VARIANT),
    ("船", "舩", VARIANT),
    ("土", "圡", VARIANT),
    ("秋", "穐", VARIANT),
    ("野", "埜", VARIANT),
    ("梅", "楳", VARIANT),
    ("松", "枩", VARIANT),
    ("柳", "栁", VARIANT),
    ("館", "舘", VARIANT),
    ("橋", "槗", VARIANT),
    ("渕", "淵渊", VARIANT),
    ("斉", "齊", OLD_FORM),
    ("斉", "斎齋", MIXED),
    ("辺", "邊邉", OLD_FORM),
    ("浜", "濱濵", OLD_FORM),
    ("広", "廣", OLD_FORM),
    ("沢", "澤", OLD_FORM),
    ("徳", "德", OLD_FORM),
    ("豊", "豐", OLD_FORM),
    ("国", "國", OLD_FORM),
    ("関", "關", OLD_FORM),
    ("桜", "櫻", OLD_FORM),
    ("竜", "龍", OLD_FORM),
    ("滝", "瀧", OLD_FORM),
    ("恵", "惠", OLD_FORM),
    ("真", "眞", OLD_FORM),
    ("条", "條", OLD_FORM),
    ("黒", "黑", OLD_FORM),
    ("増", "增", OLD_FORM),
    ("曽", "曾", OLD_FORM),
    ("塩", "鹽", OLD_FORM),
    ("横", "橫", OLD_FORM),
    ("槙", "槇", OLD_FORM),
    ("鉄", "鐵", OLD_FORM),
    ("万", "萬", OLD_FORM),
    ("円", "圓", OLD_FORM),
    ("伝", "傳", OLD_FORM),
    ("児", "兒", OLD_FORM),
    ("内", "內", OLD_FORM),
    ("呂", "吕", OLD_FORM),
    ("寿", "壽", OLD_FORM),
    ("実", "實", OLD_FORM),
    ("宝", "寶", OLD_FORM),
    ("弥", "彌", OLD_FORM),
    ("応", "應", OLD_FORM),
    ("戸", "戶", OLD_FORM),
    ("清", "淸", OLD_FORM),
    ("瀬", "瀨", OLD_FORM),
    ("巌", "巖", OLD_FORM),
    ("亀", "龜", OLD_FORM),
    ("県", "縣", OLD_FORM),
    ("総", "總", OLD_FORM),
    ("緑", "綠", OLD_FORM),
    ("薫", "薰", OLD_FORM),
    ("蔵", "藏", OLD_FORM),
    ("郎", "郞", OLD_FORM),
    ("鴎", "鷗", OLD_FORM),
    ("麦", "麥", OLD_FORM),
    ("遥", "遙", OLD_FORM),
    ("尭", "堯", OLD_FORM),
    ("凛", "凜", VARIANT),
    ("芦", "蘆", OLD_FORM),
    ("桧", "檜", OLD_FORM),
    ("浅", "淺", OLD_FORM),
    ("静", "靜", OLD_FORM),
    ("穂", "穗", OLD_FORM),
    ("禰", "祢", VARIANT),
    ("荘", "莊", OLD_FORM),
    ("栄", "榮", OLD_FORM),
    ("岳", "嶽", OLD_FORM),
    ("学", "學", OLD_FORM),
    ("将", "將", OLD_FORM),
    ("与", "與", OLD_FORM),
    ("会", "會", OLD_FORM),
)
HIRAGANA = "".join(map(chr, range(0x3041, 0x3097)))
KATAKANA = "".join(chr(ord(sign) + 0x60) for sign in HIRAGANA)
# Older systems know no small kana and write キヨウコ for キョウコ.
SMALL, LARGE = "ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ"
_PLAIN = dict(zip(SMALL, LARGE, strict=True))

_FROM = "".join(others for _kept, others, _why in FORMS) + HIRAGANA + SMALL
_TO = "".join(kept * len(others) for kept, others, _why in FORMS) + "".join(_PLAIN.get(sign, sign) for sign in KATAKANA) + LARGE
_SPACES_AND_SELECTORS = "[\\s\ufe00-\ufe0f\U000e0100-\U000e01ef]"


class _Normalized(Func):
    function = "NORMALIZE"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = TextField()


class _Translated(Func):
    function = "TRANSLATE"
    output_field = TextField()


class _Without(Func):
    function = "REGEXP_REPLACE"
    template = "%(function)s(%(expressions)s, 'g')"
    output_field = TextField()


def folded(text: str | Combinable) -> Any:
    """The text (a field's name, or an expression such as ``Value``) as it is compared: one shape per character, katakana, no spaces.

    Computed by the database for both sides of a comparison, so that they cannot differ.
    """
    source = F(text) if isinstance(text, str) else text
    bare = _Without(_Normalized(source), Value(_SPACES_AND_SELECTORS), Value(""))
    return Lower(_Translated(bare, Value(_FROM), Value(_TO)))
