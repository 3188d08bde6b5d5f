"""Who may change a message."""

from __future__ import annotations

from typing import Any

from recovery.actions import Call, rule
from recovery.conversations.models import MemberCard

TEXT_LENGTH = 4000


@rule
def is_author(call: Call, data: dict[str, Any]) -> bool:
    """The author of the message."""
    message = data["message"]
    return message.author_id == MemberCard.id_of(message.scope_id, call.actor.id)
