"""Finding the person whom somebody speaks of, by whatever is said first: a name, a number, the end of a phone number."""

from django.db.models import QuerySet
from django.http import HttpRequest

from toyooka_hw.accounts.admin import people_matching
from toyooka_hw.accounts.models import Person

MOST_FOUND = 20


def found_people(request: HttpRequest, candidates: QuerySet[Person]) -> tuple[str, list[Person]]:
    """What was asked for, and who it may be. One query, none before anything was asked."""
    asked = request.GET.get("q", "").replace("\0", "").strip()
    return asked, list(people_matching(candidates, asked).order_by("full_name", "pk")[:MOST_FOUND]) if asked else []
