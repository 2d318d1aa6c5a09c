"""Requests that wait for an answer, the most urgent first."""

from toyooka_hw.site import Addresses

ADDRESSES: Addresses = ()
