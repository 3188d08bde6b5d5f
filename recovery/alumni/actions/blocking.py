"""Blocking. A block always wins, even if it arrives late. The other person never learns of it."""

from __future__ import annotations

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.alumni import queries
from recovery.alumni.actions.connecting import TWO_PEOPLE
from recovery.alumni.actions.ending import end
from recovery.alumni.rules import is_a_peer, is_own_block
from recovery.conversations import actions as conversations
from recovery.conversations.models import Block, MemberCard
from recovery.feed import retract
from recovery.people import roles


class BlockPerson(ActionInput):
    """`card`: the other person's card in a group or pair that both are in."""

    card = Ref(MemberCard)


@action("alumni.block_person", input=BlockPerson, allow=is_a_peer)
def block_person(call: Call, *, card: MemberCard) -> dict[str, str]:
    """End the connection between the two people and prevent a new one.

    In a group that both are in, the phone hides the other person. Refused: `not_a_peer`.
    """
    if card.role != roles.MEMBER or card.user_id == call.actor.id:
        raise Refused(
            "not_a_peer", "You can block other members only. You can leave the group at any time."
        )
    # A request that the other person is making now would not see the block, nor be seen here.
    alone(TWO_PEOPLE, call.actor.id, card.user_id)
    block = conversations.block(call, card)
    live = queries.live_connection(call.actor.id, card.user_id)
    if live:
        end(call, live)
    return {"block": str(block.id)}


class UnblockPerson(ActionInput):
    block = Ref(Block, lock=True)


@action("alumni.unblock_person", input=UnblockPerson, allow=is_own_block)
def unblock_person(call: Call, *, block: Block) -> dict[str, str]:
    """Allow new requests from the other person. What has ended does not come back."""
    retract(block)
    Block.objects.in_scope(block.scope_id).filter(id=block.id).delete()
    return {"block": str(block.id)}
