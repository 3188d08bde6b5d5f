"""Writing in a group (E1). A message costs five statements; test_messages counts them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from recovery.actions import Call, Ref, action
from recovery.conversations import actions as conversations
from recovery.conversations.models import Message
from recovery.conversations.rules import is_author
from recovery.groups.models import PeerGroup
from recovery.groups.notification_types import MESSAGE
from recovery.groups.rules import takes_part


class PostMessage(conversations.PostMessage):
    about = ("group",)

    group = Ref(PeerGroup)


@action("groups.post_message", input=PostMessage, allow=takes_part("group"))
def post_message(
    call: Call,
    *,
    id: uuid.UUID | None,
    group: PeerGroup,
    text: str,
    attachments: Sequence[bytes] = (),
    reply_to: Message | None = None,
) -> dict[str, str]:
    """Send a message to everyone in the group."""
    return conversations.post(
        call, MESSAGE, group.scope_id, id=id, text=text, attachments=attachments, reply_to=reply_to
    )


@action("groups.edit_message", input=conversations.EditMessage, allow=is_author)
def edit_message(call: Call, *, message: Message, text: str) -> dict[str, str]:
    """Change one's own message; earlier versions are kept. Refused: `conflict`, `withdrawn`."""
    return conversations.edit(call, message, text, within=PeerGroup)


@action("groups.withdraw_message", input=conversations.ChangeMessage, allow=is_author)
def withdraw_message(call: Call, *, message: Message) -> dict[str, str]:
    """Take back one's own message from every phone. Refused: `withdrawn` already."""
    return conversations.withdraw(call, message, within=PeerGroup)


class MarkRead(conversations.MarkRead):
    group = Ref(PeerGroup)


@action("groups.mark_read", input=MarkRead, allow=takes_part("group"))
def mark_read(call: Call, *, group: PeerGroup, seq: int) -> dict[str, str]:
    """Keep how far one has read. No one else sees it."""
    return conversations.mark_read(call, group.scope_id, seq)
