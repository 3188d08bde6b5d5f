"""Two connected people write to each other (E4, E15)."""

from __future__ import annotations

from typing import Any

from foundation.problems import NotFound
from notifications import queue
from recovery.actions import Call, Ref, action
from recovery.alumni.models import Pair
from recovery.alumni.notification_types import MESSAGE
from recovery.alumni.rules import is_in_pair
from recovery.conversations import actions as conversations
from recovery.conversations.models import Message
from recovery.conversations.rules import is_author


class PostMessage(conversations.WriteMessage):
    pair = Ref(Pair)


@action("alumni.post_message", input=PostMessage, allow=is_in_pair)
def post_message(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say something to the other. Refused: `other_place` (the reply's message)."""
    pair_id = data["pair"].scope_id
    message = conversations.write(call, pair_id, data)
    queue.push(MESSAGE, scope_id=pair_id, except_user=call.actor.id)
    return {"message": str(message.id)}


@action("alumni.edit_message", input=conversations.EditMessage, allow=is_author)
def edit_message(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Change one's own words; the earlier ones are kept. Refused: `conflict`, `withdrawn`."""
    message = _in_a_pair(data["message"])
    conversations.edit(call, message, data["text"])
    return {"message": str(message.id)}


@action("alumni.withdraw_message", input=conversations.ChangeMessage, allow=is_author)
def withdraw_message(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Take one's own words back from both phones. Refused: `withdrawn` already."""
    message = _in_a_pair(data["message"])
    conversations.withdraw(call, message)
    return {"message": str(message.id)}


class MarkRead(conversations.FarRead):
    pair = Ref(Pair)


@action("alumni.mark_read", input=MarkRead, allow=is_in_pair)
def mark_read(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Remember how far one has read; the other does not learn it."""
    return conversations.mark_read(call, data["pair"].scope_id, data["seq"])


def _in_a_pair(message: Message) -> Message:
    if not Pair.objects.in_scope(message.scope_id).exists():
        raise NotFound
    return message
