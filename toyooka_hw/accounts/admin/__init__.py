"""Staff accounts and restrictions in the admin, and the search for people; their own page stands with the bookings, on everything else."""

from toyooka_hw.accounts.admin.restrictions import UsageRestrictionAdmin
from toyooka_hw.accounts.admin.search import people_matching
from toyooka_hw.accounts.admin.staff import StaffAdmin, staff_of

__all__ = ["StaffAdmin", "UsageRestrictionAdmin", "people_matching", "staff_of"]
