"""Writing in a group (E1). A message costs five statements; test_messages counts them."""

from __future__ import annotations

from typing import Any

from foundation.problems import NotFound
from notifications import queue
from recovery.actions import Call, Ref, action
from recovery.conversations import actions as conversations
from recovery.conversations.models import Message
from recovery.conversations.rules import is_author
from recovery.groups import queries
from recovery.groups.models import PeerGroup
from recovery.groups.notification_types import MESSAGE
from recovery.groups.rules import takes_part


class PostMessage(conversations.WriteMessage):
    group = Ref(PeerGroup)


@action("groups.post_message", input=PostMessage, allow=takes_part("group"))
def post_message(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say something to everybody in the group. Refused: `other_place` (the reply's message)."""
    group_id = data["group"].scope_id
    message = conversations.write(call, group_id, data)
    queue.push(MESSAGE, scope_id=group_id, except_user=call.actor.id)
    return {"message": str(message.id)}


@action("groups.edit_message", input=conversations.EditMessage, allow=is_author)
def edit_message(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Change one's own words; the earlier ones are kept. Refused: `conflict`, `withdrawn`."""
    message = _in_a_group(data["message"])
    conversations.edit(call, message, data["text"])
    return {"message": str(message.id)}


@action("groups.withdraw_message", input=conversations.ChangeMessage, allow=is_author)
def withdraw_message(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Take one's own words back from every phone. Refused: `withdrawn` already."""
    message = _in_a_group(data["message"])
    conversations.withdraw(call, message)
    return {"message": str(message.id)}


class MarkRead(conversations.FarRead):
    group = Ref(PeerGroup)


@action("groups.mark_read", input=MarkRead, allow=takes_part("group"))
def mark_read(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Remember how far one has read; nobody else learns it."""
    return conversations.mark_read(call, data["group"].scope_id, data["seq"])


def _in_a_group(message: Message) -> Message:
    if queries.group_in(message.scope_id) is None:
        raise NotFound
    return message
