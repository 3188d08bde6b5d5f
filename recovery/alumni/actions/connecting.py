"""Two people connect only when both have said yes (E4), each with a consent of their own.

They know each other from a group, by alias. There is no search for people. Declining is silent,
and so is a block: the person who asks sees their own yes and nothing else.
"""

from __future__ import annotations

import uuid

from rest_framework import serializers
from uuid_utils.compat import uuid7

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.alone import alone
from recovery.alumni import queries
from recovery.alumni.models import Connection, Pair
from recovery.alumni.notification_types import REQUEST
from recovery.alumni.rules import is_a_peer, is_own_connection
from recovery.care.queries import own_record
from recovery.conversations.actions import open_card
from recovery.conversations.models import MemberCard
from recovery.conversations.queries import card_of, has_blocked
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Scope
from recovery.people import roles
from recovery.privacy.actions.consents import Signed, SignedConsent, record_consent
from recovery.privacy.queries import consent_in_force
from recovery.privacy.rules.wording import PAIR_CONSENT

# Two people who ask or block each other at the same time do so one after another.
TWO_PEOPLE = "alumni.two_people"
# Lets one of two people act for the other: see ../sql/connecting.sql.
PEER = "act_for_peer"


class RequestConnection(ActionInput):
    """`card`: the other person's, in a group that both are in. The phone makes the id."""

    id = serializers.UUIDField()
    card = Ref(MemberCard)
    consent = SignedConsent()


@action("alumni.request_connection", input=RequestConnection, allow=is_a_peer)
def request_connection(
    call: Call, *, id: uuid.UUID, card: MemberCard, consent: Signed
) -> dict[str, str]:
    """Ask another member to connect. If they have asked already, the two are connected.

    Refused: `not_a_peer`, `blocked_by_you`, `asked_already`, `connected_already`, `no_record`,
    and what `record_consent` refuses.
    """
    # If two people ask each other at the same time, the second finds the first one's request.
    alone(TWO_PEOPLE, call.actor.id, card.user_id)
    mine = _own_side(call, id, card)
    theirs = _their_yes(call, mine)
    if theirs:
        mine.request_id = theirs.request_id
        return _connect(call, mine, consent)
    _sign(call, mine, consent)
    _set_state(mine, "asked")
    _ask(call, mine, card.scope_id)
    return {"connection": str(mine.id)}


class AnswerRequest(ActionInput):
    connection = Ref(Connection, lock=True)


class AcceptConnection(AnswerRequest):
    consent = SignedConsent()


@action("alumni.accept_connection", input=AcceptConnection, allow=is_own_connection)
def accept_connection(call: Call, *, connection: Connection, consent: Signed) -> dict[str, str]:
    """Accept a request, which opens the pair.

    Refused: `answered`, `withdrawn` (the other person's request), `blocked_by_you`.
    """
    _require_waiting(connection)
    _require_unblocked(call, connection.other_user_id)
    return _connect(call, connection, consent)


@action("alumni.decline_connection", input=AnswerRequest, allow=is_own_connection)
def decline_connection(call: Call, *, connection: Connection) -> dict[str, str]:
    """Decline a request. The other person does not learn of it. Refused: `answered`."""
    _require_waiting(connection)
    decline(call, connection)
    return {"connection": str(connection.id)}


def decline(call: Call, mine: Connection) -> None:
    """Decline on the actor's side. The other side does not change: a no looks like no answer."""
    mine.answered_at = call.now
    _set_state(mine, "declined")


def _own_side(call: Call, request_id: uuid.UUID, card: MemberCard) -> Connection:
    """Return the actor's side of the connection: a new one, or the one that waits for an answer."""
    if card.role != roles.MEMBER or card.left_at or card.user_id == call.actor.id:
        raise Refused("not_a_peer", "You can connect only with other members of your group.")
    _require_unblocked(call, card.user_id)
    live = queries.live_connection(call.actor.id, card.user_id)
    if live and live.state != "waiting":
        raise Refused(f"{live.state}_already", "You have already said yes.", current=live)
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


def _require_unblocked(call: Call, other: uuid.UUID) -> None:
    if has_blocked(call.actor.id, other):
        raise Refused(
            "blocked_by_you", "You have blocked this person. To connect, you can unblock them."
        )


def _their_yes(call: Call, mine: Connection) -> Connection | None:
    # Each side is in its owner's own scope, so only the owner can read it.
    with acting_as(mine.other_user_id, by=PEER):
        if has_blocked(mine.other_user_id, call.actor.id):
            return None
        theirs = queries.live_connection(mine.other_user_id, call.actor.id)
        return theirs if theirs and theirs.state == "asked" else None


def _ask(call: Call, mine: Connection, met_in: uuid.UUID) -> None:
    """Show the request to the other person, unless they have blocked the actor."""
    own_card = card_of(met_in, call.actor.id)
    other = mine.other_user_id
    # The request is in the recipient's own scope, for them to answer.
    with acting_as(other, by=PEER):
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
        _set_state(theirs, "waiting")
        queue.push(REQUEST, scope_id=other)


def _connect(call: Call, mine: Connection, consent: Signed) -> dict[str, str]:
    _sign(call, mine, consent)
    theirs = _still_yes(call, mine)
    pair = _open_pair(call, mine, theirs)
    mine.pair_id = theirs.pair_id = pair.id
    mine.answered_at = theirs.answered_at = call.now
    _set_state(mine, "connected")
    # The other side is in the other person's own scope.
    with acting_as(mine.other_user_id, by=PEER):
        _set_state(theirs, "connected")
        queue.push(REQUEST, scope_id=mine.other_user_id)
    return {"connection": str(mine.id), "pair": str(pair.id)}


def _still_yes(call: Call, mine: Connection) -> Connection:
    """Return the other person's side if their request and their consent are still in force."""
    theirs, other = _their_yes(call, mine), mine.other_user_id
    # The consent is in the other person's care record. Only they and their team can read it.
    with acting_as(other, by=PEER):
        if theirs and consent_in_force(
            user_id=other, kind=PAIR_CONSENT, subject_id=theirs.request_id, on=call.now.date()
        ):
            return theirs
    raise Refused("withdrawn", "This request is no longer open.", current=mine)


def _open_pair(call: Call, mine: Connection, theirs: Connection) -> Pair:
    pair_id, me, other = uuid7(), call.actor.id, mine.other_user_id
    scopes.open_scope("pair", pair_id, home_id=mine.programme_id, user_id=me, role=roles.MEMBER)
    scopes.grant(pair_id, other, roles.MEMBER)
    pair = Pair(id=pair_id, scope_id=pair_id, request_id=mine.request_id, opened_at=call.now)
    pair.save(force_insert=True)
    publish(pair)
    # Both keep the alias by which the other knows them from the group.
    for user_id, side in ((me, theirs), (other, mine)):
        open_card(call, pair_id, user_id, alias=side.alias, avatar=side.avatar, role=roles.MEMBER)
    return pair


def _sign(call: Call, mine: Connection, signed: Signed) -> None:
    record = own_record(call.actor, mine.programme_id)
    if record is None:
        raise Refused(
            "no_record",
            "We could not find your record in this programme, so we cannot save your consent.",
        )
    record_consent(
        call,
        signed,
        kind=PAIR_CONSENT,
        scope_id=record.scope_id,
        subject_id=mine.request_id,
        patient_name=record.legal_name,
        names={"programme": record.programme.name, "peer": mine.alias},
    )


def _require_waiting(mine: Connection) -> None:
    if mine.state != "waiting":
        raise Refused("answered", "This request is no longer waiting for an answer.", current=mine)


def _set_state(side: Connection, state: str) -> None:
    side.state = state
    side.save()
    publish(side)
