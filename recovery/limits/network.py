"""The networks that a request comes from."""

import ipaddress
from typing import Any

from django.conf import settings

# In IPv6, a customer usually gets a /64 and can often have a whole /48 (RFC 6177).
NARROW, WIDE = 64, 48


def networks(request: Any) -> tuple[str, ...]:
    """The client's networks, narrowest first: its IPv4 address, or its IPv6 /64 and /48."""
    return networks_of(request.META["REMOTE_ADDR"], request.headers.get("X-Forwarded-For", ""))


def network(request: Any) -> str:
    """The narrowest of the client's networks."""
    return networks(request)[0]


def networks_of(peer: str, forwarded_for: str) -> tuple[str, ...]:
    """The same, of a connection from `peer` with this X-Forwarded-For.

    With n trusted proxies the client is the nth address from the right: the one that the outermost
    proxy saw. Anything further left was written by the client.
    """
    text = peer
    if settings.TRUSTED_PROXIES:
        chain = forwarded_for.split(",")
        text = chain[-min(settings.TRUSTED_PROXIES, len(chain))].strip() or peer
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ("unknown",)
    if address.version == 4:
        return (f"{address}/32",)
    if address.ipv4_mapped:  # how a server that listens on IPv6 sees an IPv4 client
        return (f"{address.ipv4_mapped}/32",)
    # As a number, because an address may carry the name of an interface.
    return tuple(
        str(ipaddress.IPv6Network((int(address), bits), strict=False)) for bits in (NARROW, WIDE)
    )
