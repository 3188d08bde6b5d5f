"""What a phone should hold, as one number per scope. See sql/digest.sql."""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple

from foundation.postgresql import functions


class Digests(NamedTuple):
    epoch: str
    scopes: list[dict[str, Any]]  # {scope, head, grant, count, xor}


def digests(
    user_id: uuid.UUID,
    client_id: uuid.UUID,
    schema: int,
    *,
    unseen: list[str],
    only: list[str] | None,
) -> Digests | None:
    """None if the phone is unknown.

    `grant` is the one that a position given now would have. A phone whose last answer came under
    another one sees other documents, so it pulls before it compares.

    `xor` combines the first eight bytes of SHA-256("kind:id:seq") of each document. It is sent as
    16 hex digits, because a JSON number cannot hold 64 bits exactly.
    """
    row = functions.first(
        "scope_digests", reader=user_id, client=client_id, unseen=unseen, only_names=only
    )
    if row is None:
        return None
    epoch, scopes = row
    return Digests(epoch, [_granted(each, schema) for each in json.loads(scopes)])


def _granted(digest: dict[str, Any], schema: int) -> dict[str, Any]:
    return digest | {"grant": f"{digest['grant']}.{schema}"}
