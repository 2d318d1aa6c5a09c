"""Finding a person: the same way in the list of people, in the search of bookings and in the entry by staff."""

from toyooka_hw.accounts.queries import people_matching

__all__ = ["people_matching"]
