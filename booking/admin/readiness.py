"""The next open day: is everything ready for each session?"""

from toyooka_hw.site import Addresses

ADDRESSES: Addresses = ()
