"""People to be told by phone, because no mail reached them or none would in time."""

from toyooka_hw.site import Addresses

ADDRESSES: Addresses = ()
