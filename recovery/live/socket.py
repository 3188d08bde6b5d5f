"""One phone's open socket, as the hub knows it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from recovery.live.close_codes import CloseCode
from recovery.live.send_queue import SendQueue

if TYPE_CHECKING:
    from recovery.live.audience import Audience


@dataclass(frozen=True)
class Identity:
    """Whose socket it is; never changes. `inline`: it takes frames with the documents in them. Not
    if the app does not know the newest schema, and not staff: they pull, which leaves a trace."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    client_id: uuid.UUID
    inline: bool


class Socket:
    """`marks`: by the name of each scope it follows. `expires_at`: of its access token.
    `recycle_at`: when it is asked to reconnect."""

    __slots__ = (
        "audiences",
        "client",
        "expires_at",
        "id",
        "identity",
        "marks",
        "queue",
        "recycle_at",
    )

    def __init__(
        self, identity: Identity, queue: SendQueue, expires_at: datetime, recycle_at: datetime
    ) -> None:
        self.id = uuid7()
        self.identity = identity
        self.client = str(identity.client_id)
        self.queue = queue
        self.audiences: dict[str, Audience] = {}
        self.marks: dict[str, int] = {}
        self.expires_at = expires_at
        self.recycle_at = recycle_at

    def overdue(self, now: datetime) -> CloseCode | None:
        """The code with which to close this socket now because of the time, if any."""
        if now >= self.expires_at:
            return CloseCode.REAUTHENTICATE
        return CloseCode.RESTART if now >= self.recycle_at else None
