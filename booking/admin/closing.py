"""Closing a day: outcomes, and what counts from then on."""

from toyooka_hw.site import Addresses

ADDRESSES: Addresses = ()
