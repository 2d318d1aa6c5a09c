"""Today and the week: counsellors and starts, the next session, the ten-minute clocks."""

from toyooka_hw.site import Addresses

ADDRESSES: Addresses = ()
