"""The network that a request comes from."""

import ipaddress
from typing import Any

from django.conf import settings


def network(request: Any) -> str:
    """The client's IPv4 address, or its IPv6 /64, which is what one customer usually gets.

    With n trusted proxies it is the nth address from the right of X-Forwarded-For: the one that
    the outermost proxy saw. Anything further left was written by the client.
    """
    text = request.META["REMOTE_ADDR"]
    if settings.TRUSTED_PROXIES:
        chain = request.headers.get("X-Forwarded-For", "").split(",")
        text = chain[-min(settings.TRUSTED_PROXIES, len(chain))].strip() or text
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    bits = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, bits), strict=False))
