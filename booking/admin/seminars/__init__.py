"""Seminars and company tours on the office's side: drawn up, published, given, closed (S0-1 … S8-2)."""

from booking.admin.seminars import rows

__all__ = ["rows"]
