"""Where a request comes from."""

import ipaddress
from typing import Any

from django.conf import settings


def network(request: Any) -> str:
    """Where the request comes from: the IPv4 address, or the /64 that one IPv6 customer has.

    With n trusted proxies it is the nth address from the right of X-Forwarded-For: the one
    that the outermost of them saw. What a client wrote there itself is further left.
    """
    told = request.META["REMOTE_ADDR"]
    if settings.TRUSTED_PROXIES:
        chain = request.headers.get("X-Forwarded-For", "").split(",")
        told = chain[-min(settings.TRUSTED_PROXIES, len(chain))].strip() or told
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return "unknown"
    bits = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, bits), strict=False))
