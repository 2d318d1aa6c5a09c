"""The roster, absences, the office's calendar and its policy."""

from booking.admin.calendar import absences, policy, preview, roster, rows, year
from toyooka_hw.site import Addresses

__all__ = ["ADDRESSES", "rows"]

ADDRESSES: Addresses = (
    ("calendar/", year.year, "booking_year_now"),
    ("calendar/<int:number>/", year.year, "booking_year"),
    ("calendar/day/<str:iso>/", year.day, "booking_day"),
    ("calendar/given-way/<int:entry_id>/", preview.given_way, "booking_given_way"),
    ("roster/", roster.grid, "booking_roster"),
    ("roster/<int:counsellor_id>/", roster.week, "booking_roster_week"),
    ("roster/absence/", absences.add, "booking_absence_enter"),
    ("roster/absence/<int:absence_id>/remove/", absences.remove, "booking_absence_remove"),
    ("policy/", policy.overview, "booking_policy"),
    ("policy/value/<slug:key>/", policy.value, "booking_policy_value"),
    ("policy/text/<slug:key>/", policy.text, "booking_policy_text"),
)
