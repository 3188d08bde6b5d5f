"""Passkeys: what allauth leaves open."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.conf import settings

from foundation.problems import Malformed

# What fido2 raises, beside the ValueError that allauth expects, for bytes that are no credential.
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


class Checked:
    """A credential counts only from our own app or site, and garbage is a bad request.

    allauth knows one kind of origin, https under the site's name; apps have others
    (`android:apk-key-hash:...`), so its check is off and this one is stricter.
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
