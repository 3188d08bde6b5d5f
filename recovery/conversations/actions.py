"""Writing to each other, for the domains that say where: groups and alumni."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers

from recovery.actions import ActionInput, Call, Ref, Refused
from recovery.blobs.actions import Attachments, attach, end_uses
from recovery.conversations import queries
from recovery.conversations.models import Block, MemberCard, Message, MessageVersion, ReadMarker
from recovery.conversations.rules import TEXT_LENGTH
from recovery.feed import publish
from recovery.feed.documents import seq_of


class WriteMessage(ActionInput):
    """The phone makes the id. A message has words, files, or both."""

    id = serializers.UUIDField()
    text = serializers.CharField(max_length=TEXT_LENGTH, allow_blank=True)
    attachments = Attachments()
    reply_to = Ref(Message, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["text"] and not attrs.get("attachments"):
            raise serializers.ValidationError({"text": ["Say something, or attach something."]})
        return attrs


class ChangeMessage(ActionInput):
    message = Ref(Message, lock=True)


class EditMessage(ChangeMessage):
    """Needs `base`: the seq of the message that the author had on the screen."""

    text = serializers.CharField(max_length=TEXT_LENGTH)


class FarRead(ActionInput):
    seq = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


def open_card(
    call: Call, scope_id: uuid.UUID, user_id: uuid.UUID, *, alias: str, avatar: str, role: str
) -> MemberCard:
    """Let the others see this person in the scope. Refused: `alias_taken`."""
    if queries.alias_taken(scope_id, alias, user_id):
        raise Refused("alias_taken", "Somebody here goes by this name already.")
    card = MemberCard(
        id=MemberCard.id_of(scope_id, user_id),
        scope_id=scope_id,
        user_id=user_id,
        alias=alias,
        avatar=avatar,
        role=role,
        joined_at=call.now,
    )
    # Whoever comes back has the card of the first time.
    changed = ["alias", "avatar", "role", "joined_at", "left_at"]
    MemberCard.objects.bulk_create(
        [card], update_conflicts=True, unique_fields=["id"], update_fields=changed
    )
    publish(card)
    return card


def close_card(call: Call, card: MemberCard) -> None:
    """Show this person no longer; their messages stay, with nobody's name on them."""
    card.left_at = call.now
    card.save(update_fields=["left_at"])
    publish(card)


def write(call: Call, scope_id: uuid.UUID, data: dict[str, Any]) -> Message:
    """Add a message of the acting member. `data` is a validated WriteMessage. Refused:
    `other_place` (the reply's message), `not_understood` (a file); NotReady: `blobs_missing`."""
    reply_to = data.get("reply_to")
    if reply_to and reply_to.scope_id != scope_id:
        raise Refused("other_place", "That message is somewhere else.")
    message = Message(
        id=data["id"],
        scope_id=scope_id,
        author_id=MemberCard.id_of(scope_id, call.actor.id),
        text=data["text"],
        attachments=attach(call, scope_id, "message", data["id"], data.get("attachments", [])),
        reply_to=reply_to,
        written_at=call.occurred_at,
        received_at=call.now,
    )
    message.save(force_insert=True)
    publish(message)
    return message


def edit(call: Call, message: Message, text: str) -> None:
    """Change the words; the earlier ones are kept. Refused: `withdrawn`, `conflict`."""
    _require_words(message)
    if call.base.get(f"message/{message.id}") != seq_of(message):
        raise Refused("conflict", "This message has changed meanwhile.", current=message)
    _keep_words(call, message)
    message.text = text
    message.edited_at = call.now
    message.save(update_fields=["text", "edited_at"])
    publish(message)


def withdraw(call: Call, message: Message) -> None:
    """Take words and files from every phone; that there was one stays. Refused: `withdrawn`."""
    _require_words(message)
    _keep_words(call, message)
    if message.attachments:
        end_uses(call, message.scope_id, message.id)
    message.text, message.attachments = "", []
    message.withdrawn_at = call.now
    message.save(update_fields=["text", "attachments", "withdrawn_at"])
    publish(message)


def mark_read(call: Call, scope_id: uuid.UUID, seq: int) -> dict[str, Any]:
    """Remember how far the person has read. Of two phones the one that is further on wins."""
    mine = call.actor.id
    marker_id = ReadMarker.id_of(mine, scope_id)
    start = ReadMarker(id=marker_id, scope_id=mine, read_scope_id=scope_id, seq=-1)
    ReadMarker.objects.bulk_create([start], ignore_conflicts=True)
    marker = ReadMarker.objects.in_scope(mine).select_for_update(no_key=True).get(id=marker_id)
    if seq > marker.seq:
        marker.seq = seq
        marker.save(update_fields=["seq"])
        publish(marker)
    return {"read_marker": str(marker_id)}


def block(call: Call, card: MemberCard) -> Block:
    """Remember whom the acting person wants nothing to do with; again is nothing."""
    mine = call.actor.id
    row = Block(
        id=uuid.uuid5(mine, f"block:{card.user_id}"),
        scope_id=mine,
        blocked_user_id=card.user_id,
        card_id=card.id,
        alias=card.alias,
        since=call.now,
    )
    Block.objects.bulk_create([row], ignore_conflicts=True)
    kept: Block = Block.objects.in_scope(mine).get(id=row.id)
    publish(kept)
    return kept


def _require_words(message: Message) -> None:
    if message.withdrawn_at:
        raise Refused("withdrawn", "This message was taken back.", current=message)


def _keep_words(call: Call, message: Message) -> None:
    MessageVersion(
        scope_id=message.scope_id, message=message, text=message.text, replaced_at=call.now
    ).save(force_insert=True)
