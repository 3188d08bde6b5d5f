"""A block always wins, also when it arrives late, and the other is never told."""

from __future__ import annotations

from typing import Any

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.alumni import queries
from recovery.alumni.actions.ending import end
from recovery.alumni.rules import is_a_peer, is_own_block
from recovery.conversations import actions as conversations
from recovery.conversations.models import Block, MemberCard
from recovery.feed import retract


class BlockPerson(ActionInput):
    """`card`: the other's, in a group or a pair that both are in."""

    card = Ref(MemberCard)


@action("alumni.block_person", input=BlockPerson, allow=is_a_peer)
def block_person(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Want nothing to do with somebody: what there is between the two ends, and nothing new comes.

    In a group that both are in, the phone hides the other. Refused: `not_a_peer`.
    """
    card = data["card"]
    if card.role != "member" or card.user_id == call.actor.id:
        raise Refused("not_a_peer", "Staff cannot be blocked. You can leave the group.")
    block = conversations.block(call, card)
    live = queries.live_connection(call.actor.id, card.user_id)
    if live:
        end(call, live)
    return {"block": str(block.id)}


class UnblockPerson(ActionInput):
    block = Ref(Block, lock=True)


@action("alumni.unblock_person", input=UnblockPerson, allow=is_own_block)
def unblock_person(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Let the other ask again; nothing that ended comes back."""
    block = data["block"]
    retract(block)
    Block.objects.in_scope(block.scope_id).filter(id=block.id).delete()
    return {"block": str(block.id)}
