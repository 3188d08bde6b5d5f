"""Checks of passkeys that allauth does not make."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.conf import settings

from foundation.problems import Malformed

# What fido2 raises for bytes that are not a credential. allauth expects only ValueError.
GARBAGE = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


class OriginChecked:
    """Accept credentials only from our own app or site. A malformed one is a 400.

    allauth accepts only https origins under the site's name. Apps have others
    (`android:apk-key-hash:...`), so its check is off and this stricter one replaces it.
    """

    request: Any

    def handle_input(self, data: Any) -> Any:
        if self.request.method == "POST":
            _require_origin(data or {})
        try:
            return super().handle_input(data)  # type: ignore[misc]
        except GARBAGE:
            raise Malformed from None


def _require_origin(data: dict[str, Any]) -> None:
    try:
        text = data["credential"]["response"]["clientDataJSON"]
        client = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        is_ours = client["origin"] in settings.PASSKEY_ORIGINS
    except GARBAGE:
        raise Malformed from None
    if not is_ours:
        raise Malformed
