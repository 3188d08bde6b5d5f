"""One phone's open socket, as the hub knows it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from recovery.live.closing import Close
from recovery.live.mailbox import Mailbox

if TYPE_CHECKING:
    from recovery.live.audience import Audience


@dataclass(frozen=True)
class Identity:
    """Who the socket speaks for; fixed for its life. `current`: it knows today's documents."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    client_id: uuid.UUID
    current: bool


class Socket:
    """`marks`: by the name of each scope it follows; `expires_at`: of its access token;
    `recycle_at`: when it is asked to connect anew."""

    __slots__ = (
        "audiences",
        "client",
        "expires_at",
        "id",
        "identity",
        "mailbox",
        "marks",
        "recycle_at",
    )

    def __init__(
        self, identity: Identity, mailbox: Mailbox, expires_at: datetime, recycle_at: datetime
    ) -> None:
        self.id = uuid7()
        self.identity = identity
        self.client = str(identity.client_id)
        self.mailbox = mailbox
        self.audiences: dict[str, Audience] = {}
        self.marks: dict[str, int] = {}
        self.expires_at = expires_at
        self.recycle_at = recycle_at

    def overdue(self, now: datetime) -> Close | None:
        """Why the clock alone closes this socket now, if it does."""
        if now >= self.expires_at:
            return Close.REAUTHENTICATE
        return Close.RESTART if now >= self.recycle_at else None
