"""Whom the portal believes what a reverse proxy tells it: headers of forwarding count only from the addresses in ``TRUSTED_PROXIES``."""

from collections.abc import Callable, Sequence
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# who asks, by which scheme, for which host, under which number; the standard's own name too, should somebody read it one day
FORWARDING = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_X_REQUEST_ID",
)


def from_proxy_only(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, before all others: drops these headers from requests that did not come through the proxy, so that nobody forges an address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not lies_in(request.META.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES):
            for name in FORWARDING:
                request.META.pop(name, None)
        return get_response(request)

    return middleware


def lies_in(address: str, networks: Sequence[str]) -> bool:
    """Whether this network address is one of these addresses, or in one of these networks. ValueError where they name neither."""
    try:
        seen = ip_address(address)
    except ValueError:  # a Unix socket has none
        return False
    return any(seen in network for network in _networks(tuple(networks)))


@cache
def _networks(named: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each) for each in named)
