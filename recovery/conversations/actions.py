"""What groups and pairs share: messages, member cards, read markers and blocks.

The domains declare the actions and say in which kind of scope. The functions here do the work.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from foundation.problems import NotFound
from foundation.text import is_visible
from notifications import NotificationType, queue
from recovery.actions import ActionInput, Call, Ref, Refused
from recovery.actions.fields import Text
from recovery.actions.self_reports import SelfReport
from recovery.blobs.actions import Attachments, attach, end_uses
from recovery.conversations import queries
from recovery.conversations.models import Block, MemberCard, Message, MessageVersion, ReadMarker
from recovery.conversations.rules import TEXT_LENGTH
from recovery.feed import publish
from recovery.feed.documents import seq_of
from recovery.feed.models import Scoped

NOT_SAID = "This app did not say which version of the message you had seen. Please look again."


class PostMessage(SelfReport):
    """A message has text, files, or both. The phone makes the id."""

    own = ("text",)
    by_app = ("id", "attachments", "reply_to")
    shared = True

    id = serializers.UUIDField(default=None)
    text = Text(max_length=TEXT_LENGTH, allow_blank=True)
    attachments = Attachments()
    reply_to = Ref(Message, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not is_visible(attrs["text"]) and not attrs.get("attachments"):
            raise serializers.ValidationError({"text": ["Say something, or attach something."]})
        return attrs


class ChangeMessage(ActionInput):
    message = Ref(Message, lock=True)


class EditMessage(SelfReport):
    """Needs `base`: the seq of the message that the author had on the screen."""

    about = ("message",)
    own = ("text",)
    shared = True

    message = Ref(Message, lock=True)

    text = Text(max_length=TEXT_LENGTH)


class MarkRead(ActionInput):
    seq = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


def open_card(
    call: Call, scope_id: uuid.UUID, user_id: uuid.UUID, *, alias: str, avatar: str, role: str
) -> MemberCard:
    """Show this person to the others in the scope."""
    card = MemberCard(
        id=MemberCard.id_of(scope_id, user_id),
        scope_id=scope_id,
        user_id=user_id,
        alias=alias,
        avatar=avatar,
        role=role,
        joined_at=call.now,
    )
    # A person who comes back still has the card from before.
    changed = ["alias", "avatar", "role", "joined_at", "left_at"]
    MemberCard.objects.bulk_create(
        [card], update_conflicts=True, unique_fields=["id"], update_fields=changed
    )
    publish(card)
    return card


def require_own_alias(scope_id: uuid.UUID, alias: str, user_id: uuid.UUID) -> None:
    """Refused: `alias_taken`, also by a name that only looks the same. The caller holds a lock that
    keeps two people from taking one alias at the same time."""
    if queries.alias_taken(scope_id, alias, user_id):
        raise Refused(
            "alias_taken",
            "Someone here uses this name, or one that looks like it. Please choose another.",
        )


def close_card(call: Call, card: MemberCard) -> None:
    """Stop showing this person. Their messages stay, without a name."""
    card.left_at = call.now
    card.save(update_fields=["left_at"])
    publish(card)


def post(
    call: Call,
    kind: NotificationType,
    scope_id: uuid.UUID,
    *,
    id: uuid.UUID | None,
    text: str,
    attachments: Sequence[bytes],
    reply_to: Message | None,
) -> dict[str, str]:
    """Add a message by the acting member and push `kind` to the others.

    Refused: `not_understood` (a file). NotReady: `blobs_missing`.
    """
    if reply_to and reply_to.scope_id != scope_id:
        # The words are for this conversation; what they answer is not in it.
        call.unread["reply_to"], reply_to = str(reply_to.id), None
    id = id or call.made_id("message")
    message = Message(
        id=id,
        scope_id=scope_id,
        author_id=MemberCard.id_of(scope_id, call.actor.id),
        text=text,
        attachments=attach(call, scope_id, "message", id, attachments),
        reply_to=reply_to,
        written_at=call.occurred_at,
        received_at=call.now,
        unread=call.unread or None,
    )
    message.save(force_insert=True)
    publish(message)
    queue.push(kind, scope_id=scope_id, except_user=call.actor.id)
    return {"message": str(message.id)}


def edit(call: Call, message: Message, text: str, *, within: type[Scoped]) -> dict[str, str]:
    """Change the text; the earlier one is kept. Refused: `withdrawn`, `base_required`, `conflict`.

    `within`: PeerGroup or Pair. NotFound: the message is in another kind of scope.
    """
    _require_editable(message, within)
    seen = call.seen(message)
    # The author may not have seen the text that they would replace.
    if seen is None:
        raise Refused("base_required", NOT_SAID, current=message)
    if seen != seq_of(message):
        raise Refused("conflict", "This message has changed meanwhile.", current=message)
    _keep_version(call, message)
    message.text = text
    message.edited_at = call.now
    message.unread = call.unread or None
    message.save(update_fields=["text", "edited_at", "unread"])
    publish(message)
    return {"message": str(message.id)}


def withdraw(call: Call, message: Message, *, within: type[Scoped]) -> dict[str, str]:
    """Remove text and files from every phone. The empty message stays. Refused: `withdrawn`.

    `within`: see `edit`.
    """
    _require_editable(message, within)
    _keep_version(call, message)
    if message.attachments:
        end_uses(call, message.scope_id, message.id)
    message.text, message.attachments, message.unread = "", [], None
    message.withdrawn_at = call.now
    message.save(update_fields=["text", "attachments", "unread", "withdrawn_at"])
    publish(message)
    return {"message": str(message.id)}


def mark_read(call: Call, scope_id: uuid.UUID, seq: int) -> dict[str, str]:
    """Keep how far the person has read. If two phones differ, the higher seq wins."""
    owner = call.actor.id
    marker_id = ReadMarker.id_of(owner, scope_id)
    # Insert, then read and lock: two phones may start the marker at the same time. It starts below
    # every seq, so that the first one is higher.
    start = ReadMarker(id=marker_id, scope_id=owner, read_scope_id=scope_id, seq=-1)
    ReadMarker.objects.bulk_create([start], ignore_conflicts=True)
    marker = ReadMarker.objects.in_scope(owner).select_for_update(no_key=True).get(id=marker_id)
    if seq > marker.seq:
        marker.seq = seq
        marker.save(update_fields=["seq"])
        publish(marker)
    return {"read_marker": str(marker_id)}


def block(call: Call, card: MemberCard) -> Block:
    """Block the person on the card. Blocking them again changes nothing."""
    owner = call.actor.id
    row = Block(
        id=uuid.uuid5(owner, f"block:{card.user_id}"),
        scope_id=owner,
        blocked_user_id=card.user_id,
        card_id=card.id,
        alias=card.alias,
        since=call.now,
    )
    # The first block stays, with the alias by which the person knew the other then.
    Block.objects.bulk_create([row], ignore_conflicts=True)
    kept: Block = Block.objects.in_scope(owner).get(id=row.id)
    publish(kept)
    return kept


def _require_editable(message: Message, within: type[Scoped]) -> None:
    # The action of one kind of scope answers for a message of the other as if it did not exist.
    if not within.objects.in_scope(message.scope_id).exists():
        raise NotFound
    if message.withdrawn_at:
        raise Refused("withdrawn", "This message was taken back.", current=message)


def _keep_version(call: Call, message: Message) -> None:
    MessageVersion(
        scope_id=message.scope_id, message=message, text=message.text, replaced_at=call.now
    ).save(force_insert=True)
