"""What is done on the stage: three actions through the real `perform`, on a real table.

Each tells `committed` after its commit what it did, whoever asked for it and however often: the
model in `truth.py` goes by that and by nothing the server answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import transaction
from rest_framework import serializers

from foundation.problems import NotFound
from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in
from recovery.conversations.models import MemberCard
from recovery.feed import publish, retract, scopes

WRITE, LET_IN, LET_OUT = "stage.write", "stage.let_in", "stage.let_out"


class Done(NamedTuple):
    """One commit: `what` is "write", "in" or "out", `told` what the model needs to know."""

    what: str
    key: uuid.UUID
    told: Any


committed: list[Done] = []


class Write(ActionInput):
    changes = serializers.JSONField(help_text="[[scope id, object id, word or null], …]")
    fate = serializers.ChoiceField(["applied", "refused", "poison"], default="applied")


class LetIn(ActionInput):
    scope = serializers.UUIDField()
    user = serializers.UUIDField()
    from_now = serializers.BooleanField(default=False)


class LetOut(ActionInput):
    scope = serializers.UUIDField()
    user = serializers.UUIDField()


def write(call: Call, *, changes: list[list[Any]], fate: str) -> None:
    """Put and delete cards, in one or several scopes that the actor is in."""
    for scope in {scope for scope, _, _ in changes}:
        if scopes.role_of(uuid.UUID(scope), call.actor.id) is None:
            raise NotFound
    if fate == "poison":
        raise ZeroDivisionError
    written = [change for change in changes if _change(call, *change)]
    if fate == "refused":
        raise Refused("full", "There is no room left.", current=_first(changes))
    _after_commit("write", call, written)


def _change(call: Call, scope: str, object_id: str, word: str | None) -> bool:
    row = MemberCard(
        id=uuid.UUID(object_id),
        scope_id=uuid.UUID(scope),
        user_id=call.actor.id,
        alias=word or "",
        role="member",
        joined_at=call.now,
    )
    if word is None:
        return _delete(row)
    MemberCard.objects.bulk_create(
        [row], update_conflicts=True, update_fields=["alias"], unique_fields=["id"]
    )
    publish(row)
    return True


def _delete(row: MemberCard) -> bool:
    gone, _ = MemberCard.objects.in_scope(row.scope_id).filter(id=row.id).delete()
    if gone:
        retract(row)
    return bool(gone)


def _first(changes: list[list[Any]]) -> MemberCard | None:
    scope, object_id, _ = changes[0]
    return MemberCard.objects.in_scope(uuid.UUID(scope)).filter(id=object_id).first()


def let_in(call: Call, *, scope: uuid.UUID, user: uuid.UUID, from_now: bool) -> None:
    """Join, come back, or another role: in each case the grant is a new one."""
    scopes.grant(scope, user, "member", from_now=from_now)
    _after_commit("in", call, {"scope": scope, "user": user, "from_now": from_now})


def let_out(call: Call, *, scope: uuid.UUID, user: uuid.UUID) -> None:
    scopes.revoke(scope, user)
    _after_commit("out", call, {"scope": scope, "user": user})


def _after_commit(what: str, call: Call, told: Any) -> None:
    done = Done(what, call.key, told)
    transaction.on_commit(lambda: committed.append(done))


@contextmanager
def registered() -> Iterator[None]:
    """The three actions exist inside."""
    for name, given, run in (
        (WRITE, Write, write),
        (LET_IN, LetIn, let_in),
        (LET_OUT, LetOut, let_out),
    ):
        action(name, input=given, allow=anyone_signed_in)(run)
    try:
        yield
    finally:
        for name in (WRITE, LET_IN, LET_OUT):
            del ACTIONS[name]
