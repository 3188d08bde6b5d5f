"""The example of RFC 8291, appendix A, byte by byte."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    derive_private_key,
)

from notifications.transports.subscriptions import decoded
from notifications.transports.vapid import encoded
from notifications.transports.web_encryption import encrypt

PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)


def encrypted(plain: bytes, length: int) -> bytes:
    return encrypt(
        plain,
        browser=EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(BROWSER)),
        secret=decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        length=length,
        private=derive_private_key(int.from_bytes(decoded(SENDER)), SECP256R1()),
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )


def test_it_is_the_example_of_the_standard() -> None:
    assert encoded(encrypted(PLAIN, len(PLAIN))) == BODY


def test_a_text_that_is_too_long_is_not_cut() -> None:
    with pytest.raises(ValueError, match="41 bytes do not fit into 40"):
        encrypted(PLAIN, 40)
