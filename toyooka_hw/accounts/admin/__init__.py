"""Staff accounts and the people served, in the admin."""

from toyooka_hw.accounts.admin.people import PersonAdmin
from toyooka_hw.accounts.admin.search import people_matching
from toyooka_hw.accounts.admin.staff import StaffAdmin, staff_of

__all__ = ["PersonAdmin", "StaffAdmin", "people_matching", "staff_of"]
