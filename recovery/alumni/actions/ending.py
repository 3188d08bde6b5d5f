"""A connection ends when either wants it to, or takes the consent back."""

from __future__ import annotations

import uuid
from typing import Any

from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.jobs import later
from recovery.alumni import queries
from recovery.alumni.actions.connecting import KIND, decline
from recovery.alumni.models import LIVE, Connection, Pair
from recovery.alumni.rules import is_own_connection
from recovery.feed import publish, scopes
from recovery.feed.context import acting_as
from recovery.privacy.actions.consents import end_consent, when_revoked
from recovery.privacy.models import Consent
from recovery.privacy.queries import given_consent


class EndConnection(ActionInput):
    connection = Ref(Connection, lock=True)


@action("alumni.end_connection", input=EndConnection, allow=is_own_connection)
def end_connection(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Take a request back, decline one, or close the pair for both. Refused: `over` already."""
    mine = data["connection"]
    if mine.state not in LIVE:
        raise Refused("over", "This connection has ended already.", current=mine)
    end(call, mine)
    return {"connection": str(mine.id)}


@when_revoked(KIND)
def end_with_consent(call: Call, consent: Consent) -> None:
    """Without the consent nothing more is shown: the connection ends in the same moment."""
    mine = Connection.objects.in_scope(consent.user_id).filter(
        request_id=consent.subject_id, state__in=LIVE
    )
    for side in mine.select_for_update(no_key=True):
        end(call, side)


def end(call: Call, mine: Connection) -> None:
    """End the acting person's side, the other's, both consents and the pair.

    Who was asked and has said nothing yet says no, silently: the other's yes stands as it was.
    """
    if mine.state == "waiting":
        decline(call, mine)
        return
    other = mine.other_user_id
    if mine.pair_id:
        _close_pair(call, mine.pair_id, other)
    _end_side(call, mine, "revoked")
    # The other's side and consent lie where only they, and for the consent their team, write.
    with acting_as(other):
        theirs = queries.live_connection(other, call.actor.id)
        if theirs and theirs.request_id == mine.request_id:
            _end_side(call, theirs, "expired")


def _end_side(call: Call, side: Connection, consent_ends: str) -> None:
    side.state = "ended"
    side.ended_at = call.now
    side.save(update_fields=["state", "ended_at"])
    publish(side)
    consent = given_consent(user_id=side.scope_id, kind=KIND, subject_id=side.request_id)
    if consent:
        end_consent(call, consent, consent_ends)


def _close_pair(call: Call, pair_id: uuid.UUID, other: uuid.UUID) -> None:
    pair = Pair.objects.in_scope(pair_id).get()
    pair.ended_at = call.now
    pair.save(update_fields=["ended_at"])
    publish(pair)
    # Oneself last: whoever has left can let nobody else out.
    for user_id in (other, call.actor.id):
        scopes.revoke(pair.scope_id, user_id)
    later("blobs.empty_scope", scope_id=str(pair_id))
