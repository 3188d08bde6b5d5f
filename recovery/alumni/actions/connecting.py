"""Two people connect only when both have said yes (E4), each with a consent of their own.

They know each other from a group, by alias; there is no search for people. A no is silent, and
so is a block: whoever asks sees their own yes and nothing else.
"""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers
from uuid_utils.compat import uuid7

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.alumni import queries
from recovery.alumni.models import Connection, Pair
from recovery.alumni.notification_types import REQUEST
from recovery.alumni.rules import is_a_peer, is_own_connection
from recovery.conversations.actions import open_card
from recovery.conversations.models import MemberCard
from recovery.conversations.queries import card_of, has_blocked
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Scope
from recovery.privacy.actions.consents import SignedConsent, record_consent
from recovery.privacy.queries import consent_in_force

KIND = "peer_pair_visibility"


class RequestConnection(ActionInput):
    """`card`: the other's, in a group that both are in. The phone makes the id."""

    id = serializers.UUIDField()
    card = Ref(MemberCard)
    consent = SignedConsent()


@action("alumni.request_connection", input=RequestConnection, allow=is_a_peer)
def request_connection(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say yes to a connection with somebody; if they have said yes already, it is made.

    Refused: `not_a_peer`, `blocked_by_you`, `asked_already`, `connected_already`, `no_record`,
    and what `record_consent` refuses.
    """
    # Of two who ask each other at once, the second finds the first one's yes.
    alone("alumni.request_connection", call.actor.id, data["card"].user_id)
    mine = _own_side(call, data["id"], data["card"])
    theirs = _their_yes(call, mine)
    if theirs:
        mine.request_id = theirs.request_id
        return _connect(call, mine, data["consent"])
    _sign(call, mine, data["consent"])
    _say(mine, "asked")
    _ask(call, mine, data["card"].scope_id)
    return {"connection": str(mine.id)}


class AnswerRequest(ActionInput):
    connection = Ref(Connection, lock=True)


class AcceptConnection(AnswerRequest):
    consent = SignedConsent()


@action("alumni.accept_connection", input=AcceptConnection, allow=is_own_connection)
def accept_connection(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say yes too, which opens the pair.

    Refused: `answered`, `withdrawn` (the other's yes), `blocked_by_you`.
    """
    _require_waiting(data["connection"])
    _require_unblocked(call, data["connection"].other_user_id)
    return _connect(call, data["connection"], data["consent"])


@action("alumni.decline_connection", input=AnswerRequest, allow=is_own_connection)
def decline_connection(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say no. The other is not told. Refused: `answered`."""
    mine = data["connection"]
    _require_waiting(mine)
    decline(call, mine)
    return {"connection": str(mine.id)}


def decline(call: Call, mine: Connection) -> None:
    """Say no on this side; nothing changes for the other, who cannot tell it from no answer."""
    mine.answered_at = call.now
    _say(mine, "declined")


def _own_side(call: Call, request_id: uuid.UUID, card: MemberCard) -> Connection:
    """What this person knows of the connection: a new side, or the one that waits for them."""
    _require_peer(call, card)
    live = queries.live_connection(call.actor.id, card.user_id)
    if live and live.state != "waiting":
        raise Refused(f"{live.state}_already", "You have said yes already.", current=live)
    return live or Connection(
        id=request_id,
        scope_id=call.actor.id,
        request_id=request_id,
        other_user_id=card.user_id,
        card_id=card.id,
        alias=card.alias,
        avatar=card.avatar,
        programme_id=Scope.objects.get(id=card.scope_id).home_id,
        asked_at=call.now,
    )


def _require_peer(call: Call, card: MemberCard) -> None:
    if card.role != "member" or card.left_at or card.user_id == call.actor.id:
        raise Refused("not_a_peer", "Connections are for the members of a group.")
    _require_unblocked(call, card.user_id)


def _require_unblocked(call: Call, other: uuid.UUID) -> None:
    if has_blocked(call.actor.id, other):
        raise Refused("blocked_by_you", "You have blocked this person.")


def _their_yes(call: Call, mine: Connection) -> Connection | None:
    # Each side lies in its owner's own scope, so the yes of the other is read as the other.
    with acting_as(mine.other_user_id):
        if has_blocked(mine.other_user_id, call.actor.id):
            return None
        theirs = queries.live_connection(mine.other_user_id, call.actor.id)
        return theirs if theirs and theirs.state == "asked" else None


def _ask(call: Call, mine: Connection, met_in: uuid.UUID) -> None:
    """Let the other know, unless they want nothing to do with this person."""
    own_card = card_of(met_in, call.actor.id)
    other = mine.other_user_id
    # A request appears in the own scope of whoever is asked, and is theirs to answer.
    with acting_as(other):
        if own_card is None or has_blocked(other, call.actor.id):
            return
        theirs = Connection(
            id=Connection.id_of(mine.request_id, other),
            scope_id=other,
            request_id=mine.request_id,
            other_user_id=call.actor.id,
            card_id=own_card.id,
            alias=own_card.alias,
            avatar=own_card.avatar,
            programme_id=mine.programme_id,
            asked_at=call.now,
        )
        _say(theirs, "waiting")
        queue.push(REQUEST, scope_id=other)


def _connect(call: Call, mine: Connection, consent: dict[str, Any]) -> dict[str, Any]:
    _sign(call, mine, consent)
    theirs = _still_yes(call, mine)
    pair = _open_pair(call, mine, theirs)
    mine.pair_id = theirs.pair_id = pair.id
    mine.answered_at = theirs.answered_at = call.now
    _say(mine, "connected")
    # The other side of the connection lies in the other's own scope.
    with acting_as(mine.other_user_id):
        _say(theirs, "connected")
        queue.push(REQUEST, scope_id=mine.other_user_id)
    return {"connection": str(mine.id), "pair": str(pair.id)}


def _still_yes(call: Call, mine: Connection) -> Connection:
    """The other's side, if their yes, their consent and their peace of mind still allow it."""
    theirs, other = _their_yes(call, mine), mine.other_user_id
    # The consent is in the other's care record, where only they and their team read it.
    with acting_as(other):
        if theirs and consent_in_force(
            user_id=other, kind=KIND, subject_id=theirs.request_id, on=call.now.date()
        ):
            return theirs
    raise Refused("withdrawn", "This request does not stand any more.", current=mine)


def _open_pair(call: Call, mine: Connection, theirs: Connection) -> Pair:
    pair_id, me, other = uuid7(), call.actor.id, mine.other_user_id
    scopes.open_scope("pair", pair_id, home_id=mine.programme_id, user_id=me, role="member")
    scopes.grant(pair_id, other, "member")
    pair = Pair(id=pair_id, scope_id=pair_id, request_id=mine.request_id, opened_at=call.now)
    pair.save(force_insert=True)
    publish(pair)
    # Each keeps the alias under which the other knows them.
    for user_id, side in ((me, theirs), (other, mine)):
        open_card(call, pair_id, user_id, alias=side.alias, avatar=side.avatar, role="member")
    return pair


def _sign(call: Call, mine: Connection, signed: dict[str, Any]) -> None:
    record = queries.record_of(call.actor, mine.programme_id)
    if record is None:
        raise Refused("no_record", "The programme has no place to keep this consent.")
    record_consent(
        call,
        signed,
        kind=KIND,
        scope_id=record.scope_id,
        subject_id=mine.request_id,
        patient_name=f"{record.given_name} {record.family_name}",
        names={"programme": record.programme.name, "peer": mine.alias},
    )


def _require_waiting(mine: Connection) -> None:
    if mine.state != "waiting":
        raise Refused("answered", "This request waits for nobody any more.", current=mine)


def _say(side: Connection, state: str) -> None:
    side.state = state
    side.save()
    publish(side)
