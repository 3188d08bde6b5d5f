"""Helpers to ask, accept and compare connections."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7

from recovery.alumni.models import Connection, Pair
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.privacy.models import Consent
from recovery.signin.models import User
from tests.cast import Circle, act, documents, signed

KIND = "peer_pair_visibility"


def ask(circle: Circle, who: User, whom: User, **changes: Any) -> str:
    data = {"id": uuid7(), "card": circle.card(whom), "consent": signed(KIND)} | changes
    answer = act(who, "alumni.request_connection", **data)
    return str((answer.data or {})["connection"])


def side(user: User) -> dict[str, Any]:
    """The only connection on the user's phone."""
    [connection] = documents(user, "connection")
    return connection


def accept(who: User, **changes: Any) -> Any:
    data = {"connection": side(who)["id"], "consent": signed(KIND)} | changes
    return act(who, "alumni.accept_connection", **data)


def connect(circle: Circle) -> str:
    """Connect Ana and Ben. Returns the pair's id."""
    ask(circle, circle.ana, circle.ben)
    return str(accept(circle.ben).data["pair"])


def everything(*users: User) -> list[Any]:
    """Everything that connecting, ending and blocking can change, as each user sees it."""
    rows: list[Any] = []
    for user in users:
        set_actor(user.id)
        rows.append(sorted(Connection.objects.in_scope(user.id).values_list("id", "state")))
        rows.append(sorted(Pair.objects.visible_to(user).values_list("id", "ended_at")))
        rows.append(sorted(Consent.objects.visible_to(user).values_list("id", "state")))
        rows.append(sorted(Membership.objects.filter(user_id=user.id).values_list("scope_id")))
        rows.append(sorted(block["id"] for block in documents(user, "block")))
    return rows


def pair_consents(user: User) -> list[str]:
    return [c["state"] for c in documents(user, "consent") if c["kind"] == KIND]
