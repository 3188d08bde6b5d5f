"""Two connected people write to each other (E4, E15)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from recovery.actions import Call, Ref, action
from recovery.alumni.models import Pair
from recovery.alumni.notification_types import MESSAGE
from recovery.alumni.rules import is_in_pair
from recovery.conversations import actions as conversations
from recovery.conversations.models import Message
from recovery.conversations.rules import is_author


class PostMessage(conversations.PostMessage):
    about = ("pair",)

    pair = Ref(Pair)


@action("alumni.post_message", input=PostMessage, allow=is_in_pair)
def post_message(
    call: Call,
    *,
    id: uuid.UUID | None,
    pair: Pair,
    text: str,
    attachments: Sequence[bytes] = (),
    reply_to: Message | None = None,
) -> dict[str, str]:
    """Send a message to the other person."""
    return conversations.post(
        call, MESSAGE, pair.scope_id, id=id, text=text, attachments=attachments, reply_to=reply_to
    )


@action("alumni.edit_message", input=conversations.EditMessage, allow=is_author)
def edit_message(call: Call, *, message: Message, text: str) -> dict[str, str]:
    """Change one's own message; earlier versions are kept. Refused: `conflict`, `withdrawn`."""
    return conversations.edit(call, message, text, within=Pair)


@action("alumni.withdraw_message", input=conversations.ChangeMessage, allow=is_author)
def withdraw_message(call: Call, *, message: Message) -> dict[str, str]:
    """Take back one's own message from both phones. Refused: `withdrawn` already."""
    return conversations.withdraw(call, message, within=Pair)


class MarkRead(conversations.MarkRead):
    pair = Ref(Pair)


@action("alumni.mark_read", input=MarkRead, allow=is_in_pair)
def mark_read(call: Call, *, pair: Pair, seq: int) -> dict[str, str]:
    """Keep how far one has read. The other person does not see it."""
    return conversations.mark_read(call, pair.scope_id, seq)
