"""Finding a person by name, reading, number or phone."""

import re
from typing import Any

import jaconv
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace

from toyooka_hw.accounts.models import Person

SHORTEST_TAIL = 4


def people_matching(people: QuerySet[Person], text: str) -> QuerySet[Person]:
    """People whose name or reading contains the words (spaces do not matter), or whose number or phone ends in the digits."""
    words = re.sub(r"\s", "", text)
    digits = re.sub(r"\D", "", jaconv.z2h(words, digit=True))
    found = Q(plain_name__icontains=words) | Q(plain_kana__icontains=jaconv.hira2kata(jaconv.h2z(words)))
    if len(digits) >= SHORTEST_TAIL:
        tail = digits.removeprefix("0")
        found |= Q(plain_number__endswith=digits) | Q(stated_phone__endswith=tail) | Q(registered_phone__endswith=tail)
    return people.annotate(
        plain_name=_without("full_name", " ", "　"),
        plain_kana=_without("name_kana", " ", "　"),
        plain_number=_without("job_seeker_number", "-"),
    ).filter(found)


def _without(field: str, *signs: str) -> Any:
    """The field's text without these signs."""
    text: Any = F(field)
    for sign in signs:
        text = Replace(text, Value(sign), Value(""))
    return text
