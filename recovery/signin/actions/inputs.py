"""Fields that several actions of this domain share."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NotRequired, TypedDict

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from rest_framework import serializers

from recovery.actions import ActionInput
from recovery.actions.fields import Text

PLATFORMS = ("android", "ios", "web")


class DeviceKeyField(Text):
    """A P-256 public key: DER SubjectPublicKeyInfo in base64. Value: the DER bytes."""

    default_error_messages = {"key": "A P-256 public key is expected: DER in base64."}

    def to_internal_value(self, data: Any) -> Any:
        try:
            der = base64.b64decode(super().to_internal_value(data), validate=True)
            key = load_der_public_key(der)
        except (binascii.Error, ValueError, UnsupportedAlgorithm):
            self.fail("key")
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
            self.fail("key")
        return der


def as_sent(device: dict[str, Any]) -> dict[str, Any]:
    """Turn a validated `Device` back into its wire form, for an action that validates it again."""
    key = device.get("public_key")
    return device | ({"public_key": base64.b64encode(key).decode()} if key else {})


class Device(ActionInput):
    """The installed app that signs in."""

    platform = serializers.ChoiceField(choices=PLATFORMS)
    app = Text(max_length=40)
    name = Text(max_length=80, allow_blank=True, default="")
    public_key = DeviceKeyField(max_length=200, required=False)


class Nothing(ActionInput):
    pass


class DeviceFacts(TypedDict):
    """A validated Device."""

    platform: str
    app: str
    name: str
    public_key: NotRequired[bytes]
