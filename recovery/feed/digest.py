"""What a phone should hold, as one number per scope. See sql/digest.sql."""

from __future__ import annotations

import uuid

from django.db import connection


def digests(
    user_id: uuid.UUID, client_id: uuid.UUID, *, unseen: list[str], only: list[str] | None
) -> tuple[str, str] | None:
    """The epoch, and `[{scope, head, count, xor}]` as JSON text. None if the phone is unknown.

    `xor` combines the first eight bytes of SHA-256("kind:id:seq") of each document. It is sent as
    16 hex digits, because a JSON number cannot hold 64 bits exactly.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM scope_digests(%s, %s, %s::text[], %s::text[])",
            [user_id, client_id, unseen, only],
        )
        row: tuple[str, str] | None = cursor.fetchone()
    return row
