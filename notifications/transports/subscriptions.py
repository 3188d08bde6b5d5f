"""A browser's subscription to pushes, and the hosts that it may lead to.

The browser names the URL that we send to. So only the services of browser makers are allowed, or
anybody with an account could have the pump knock at doors inside our own network.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import astuple, dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.conf import settings

# Google, Mozilla, Apple and Microsoft. A leading dot: every host below.
HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
LONGEST_ENDPOINT = 2048
AUTH_BYTES = 16
# Neither a user nor a port, and nothing that two parsers of URLs could understand differently.
URL = re.compile(
    r"(https://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+))/[A-Za-z0-9._~:/?=&%+,;!$'()*@-]*"
)


class NotAllowed(ValueError):
    """The subscription cannot be used. `part`: endpoint, p256dh or auth."""

    def __init__(self, part: str, problem: str) -> None:
        super().__init__(problem)
        self.part = part


@dataclass(frozen=True, slots=True)
class Subscription:
    """As the browser made it: `p256dh` and `auth` are base64url. Raises NotAllowed."""

    endpoint: str
    p256dh: str
    auth: str

    def __post_init__(self) -> None:
        origin_of(self.endpoint)
        try:
            self.public_key()
        except ValueError:
            raise NotAllowed("p256dh", "A point on P-256 is expected, in base64url.") from None
        try:
            length = len(self.secret())
        except NotBase64:
            length = 0
        if length != AUTH_BYTES:
            raise NotAllowed("auth", "16 bytes are expected, in base64url.")

    def public_key(self) -> EllipticCurvePublicKey:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(self.p256dh))

    def secret(self) -> bytes:
        return decoded(self.auth)

    def text(self) -> str:
        """For the sealed column. `parse` reads it."""
        return json.dumps(astuple(self))

    @classmethod
    def parse(cls, text: str) -> Subscription:
        return cls(*json.loads(text))


def endpoint_in(text: str) -> str:
    """The endpoint of a `Subscription` as text, even if we no longer send to it."""
    return str(json.loads(text)[0])


def origin_of(endpoint: str) -> str:
    """Scheme and host of an endpoint that we send to. Raises NotAllowed for any other."""
    match = URL.fullmatch(endpoint) if len(endpoint) <= LONGEST_ENDPOINT else None
    if match and any(_is(match["host"], host) for host in HOSTS):
        return match[1]
    simulator = simulated()
    if simulator and re.fullmatch(re.escape(simulator) + r"/webpush/[\w-]+", endpoint, re.ASCII):
        return simulator
    raise NotAllowed("endpoint", "This is not the address of a push service that we send to.")


def simulated() -> str:
    """The simulator's origin on this machine, if FCM_ENDPOINT leads to it, or nothing."""
    url = urlsplit(settings.FCM_ENDPOINT)
    local = url.scheme == "http" and url.hostname in {"127.0.0.1", "localhost", "::1"}
    return settings.FCM_ENDPOINT if local else ""


def decoded(text: str) -> bytes:
    """base64url with or without padding. Raises binascii.Error, a ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", text):
        raise NotBase64
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _is(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed
