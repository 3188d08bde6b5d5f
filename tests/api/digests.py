"""The sync digest of a phone, by the server and by the phone."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.cast import FakePhone, answer

DIGEST = "/api/v1/sync/digest"


def server_digest(phone: FakePhone, **more: Any) -> dict[str, dict[str, Any]]:
    """The server's digest of what the phone should hold, by scope name."""
    body = {"client_id": phone.client_id, "schema": 1} | more
    return {each["scope"]: each for each in answer(phone.post(DIGEST, body))["scopes"]}


def own_digest(phone: FakePhone) -> dict[str, dict[str, Any]]:
    """The same digest computed by the phone from a complete first pull."""
    return {name: _of(scope) for name, scope in phone.first_pull().items()}


def _of(scope: dict[str, Any]) -> dict[str, Any]:
    total = 0
    for kind, id_, seq, _ in scope["put"]:
        sha = hashlib.sha256(f"{kind}:{id_}:{seq}".encode()).digest()
        total ^= int.from_bytes(sha[:8], "big")
    count = len(scope["put"])
    own = {"scope": scope["scope"], "head": scope["head"], "grant": scope["pos"][2]}
    return own | {"count": count, "xor": f"{total:016x}"}
