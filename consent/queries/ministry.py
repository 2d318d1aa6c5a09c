"""Whose consent is still to be entered in the ministry's system (ハローワークシステム), for many people at once."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from consent.models import Consent, ConsentWithdrawal, MinistryRecord
from toyooka_hw.accounts.models import Person


def unrecorded(document: str) -> QuerySet[Person]:
    """People of whom nothing was recorded since they last took their consent back, or who agreed to a newer version since (C6-2-1b, C6-2-2).

    The same version agreed to again, at the counter for instance, is no news. ``agreed``, ``withdrawn``: the latest of each; whether a
    consent stands is for the caller to ask. Rows merged into a person count; the merged ones themselves are not left out.
    """
    theirs = (Q(person=OuterRef("pk")), Q(person__merged_into=OuterRef("pk")))
    agreed = Consent.objects.filter(version__document__code=document, agreed=True)
    explicit, known = agreed.filter(based_on=None), agreed.filter(based_on=None, agreed_at__lte=OuterRef("recorded"))
    people = Person.objects.annotate(
        agreed=latest(agreed, "agreed_at", theirs),
        withdrawn=latest(ConsentWithdrawal.objects.filter(document__code=document), "withdrawn_at", theirs),
        recorded=latest(MinistryRecord.objects.filter(document__code=document), "recorded_at", theirs),
        newest=latest(explicit, "version__number", theirs),
    ).annotate(known=Coalesce(latest(known, "version__number", theirs), Value(0)))
    return people.filter(Q(recorded=None) | Q(recorded__lte=F("withdrawn")) | Q(newest__gt=F("known")))


def latest(rows: QuerySet[Any], what: str, whose: Iterable[Q]) -> Greatest:
    """The greatest value among rows that are the person's in any of these ways. Asked for one by one, each way is found by an index."""
    return Greatest(*(Subquery(rows.filter(way).order_by(f"-{what}").values(what)[:1]) for way in whose))
