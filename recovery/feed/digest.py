"""What a phone should hold, as one number per scope. See sql/digest.sql."""

from __future__ import annotations

import uuid
from typing import Any

from foundation.postgresql import functions


def digests(
    user_id: uuid.UUID, client_id: uuid.UUID, *, unseen: list[str], only: list[str] | None
) -> tuple[Any, ...] | None:
    """The epoch, and `[{scope, head, count, xor}]` as JSON text. None if the phone is unknown.

    `xor` combines the first eight bytes of SHA-256("kind:id:seq") of each document. It is sent as
    16 hex digits, because a JSON number cannot hold 64 bits exactly.
    """
    return functions.first(
        "scope_digests", reader=user_id, client=client_id, unseen=unseen, only_names=only
    )
