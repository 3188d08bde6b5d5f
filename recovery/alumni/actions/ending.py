"""A connection ends when either person ends it or revokes the consent."""

from __future__ import annotations

import uuid
from dataclasses import replace

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.jobs import later
from recovery.alumni import queries
from recovery.alumni.actions.connecting import PEER, decline
from recovery.alumni.models import LIVE, Connection, Pair
from recovery.alumni.rules import is_own_connection
from recovery.care.actions.episodes import when_someone_dies
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.privacy.actions.consents import end_consent, when_revoked
from recovery.privacy.models import Consent
from recovery.privacy.queries import active_consent
from recovery.privacy.rules.wording import PAIR_CONSENT
from recovery.signin.models import User


class EndConnection(ActionInput):
    connection = Ref(Connection, lock=True)


@action("alumni.end_connection", input=EndConnection, allow=is_own_connection)
def end_connection(call: Call, *, connection: Connection) -> dict[str, str]:
    """Take a request back, decline one, or close the pair for both. Refused: `over` already."""
    if connection.state not in LIVE:
        raise Refused("over", "This connection has already ended.", current=connection)
    end(call, connection)
    return {"connection": str(connection.id)}


@when_revoked(PAIR_CONSENT)
def end_with_consent(call: Call, consent: Consent) -> None:
    """End the connection in the same transaction, so that nothing is shown without a consent."""
    mine = Connection.objects.in_scope(consent.user_id).filter(
        request_id=consent.subject_id, state__in=LIVE
    )
    for side in mine.select_for_update(no_key=True):
        end(call, side)


@when_someone_dies
def end_every_connection(call: Call, user_id: uuid.UUID) -> None:
    """End the connections of a person who has died. Nobody is notified."""
    theirs = replace(call, actor=User(id=user_id))
    # Each connection is in the person's own scope, and the person cannot act.
    with acting_as(user_id):
        live = Connection.objects.in_scope(user_id).filter(state__in=LIVE).order_by("id")
        for side in live.select_for_update(no_key=True):
            end(theirs, side)


def end(call: Call, mine: Connection) -> None:
    """End both sides of the connection, both consents and the pair. `mine` is the actor's side.

    A request that the actor has not answered is declined instead. Declining is silent: the other
    person's side stays as it is.
    """
    if mine.state == "waiting":
        decline(call, mine)
        return
    other = mine.other_user_id
    if mine.pair_id:
        _close_pair(call, mine.pair_id, other)
    _end_side(call, mine, "revoked")
    # Only the other person may write in the scopes of their side and their consent.
    with acting_as(other, by=PEER):
        theirs = queries.live_connection(other, call.actor.id)
        if theirs and theirs.request_id == mine.request_id:
            _end_side(call, theirs, "expired")


def _end_side(call: Call, side: Connection, consent_ends: str) -> None:
    side.state = "ended"
    side.ended_at = call.now
    side.save(update_fields=["state", "ended_at"])
    publish(side)
    consent = active_consent(user_id=side.scope_id, kind=PAIR_CONSENT, subject_id=side.request_id)
    if consent:
        end_consent(call, consent, consent_ends)


def _close_pair(call: Call, pair_id: uuid.UUID, other: uuid.UUID) -> None:
    pair = Pair.objects.in_scope(pair_id).get()
    pair.ended_at = call.now
    pair.save(update_fields=["ended_at"])
    publish(pair)
    # The actor goes last, because only a member can revoke another membership.
    for user_id in (other, call.actor.id):
        scopes.revoke(pair.scope_id, user_id)
    later("blobs.empty_scope", scope_id=str(pair_id))
