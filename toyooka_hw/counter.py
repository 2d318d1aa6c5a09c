"""How often something came from one network address lately. Counted in Redis; without it, or without an address, nobody is turned away."""

import logging
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_IPV6_HOME = 64  # one subscriber's share of addresses, in bits


def times(what: str, client: str, *, within: timedelta, wall: datetime) -> int:
    """Count this time, and tell how many there were from here within the present stretch of the clock; 0 where it cannot be told."""
    if not client:
        return 0
    stretch = int(wall.timestamp() // within.total_seconds())
    key = f"{what}:{stretch}:{_home_of(client)}"
    try:
        cache.add(key, 0, timeout=within.total_seconds())
        return int(cache.incr(key))
    except (RedisError, ValueError) as error:  # ValueError: the count ran out between the two
        logger.warning("counter.not_counted what=%s error=%s", what, type(error).__name__)
        return 0


def _home_of(client: str) -> str:
    """The address, or with IPv6 the network of whoever has it: one subscriber may take a new address for every request."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:64]
    return str(ip_network((address, _IPV6_HOME), strict=False)) if isinstance(address, IPv6Address) else str(address)
