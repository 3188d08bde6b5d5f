"""The actions of the plays: three of them, through the real `perform`, on a real table.

After each commit an action appends what it did to `committed`, no matter who called it or how
often. The model in `truth.py` relies on that list and never on the server's answers.
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
from tests.roles import set_scene

WRITE, LET_IN, LET_OUT = "stage.write", "stage.let_in", "stage.let_out"


class Done(NamedTuple):
    """One commit: `what` is "write", "in" or "out"; `effect` is what the model needs to know."""

    what: str
    key: uuid.UUID
    effect: Any


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
    """Put and delete cards in one or more scopes of which the actor is a member."""
    for scope in {scope for scope, _, _ in changes}:
        if scopes.role_of(uuid.UUID(scope), call.actor.id) is None:
            raise NotFound
    if fate == "poison":
        raise ZeroDivisionError
    effective = [change for change in changes if _change(call, *change)]
    if fate == "refused":
        raise Refused("full", "There is no room left.", current=_first(changes))
    _after_commit("write", call, effective)


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
    deleted, _ = MemberCard.objects.in_scope(row.scope_id).filter(id=row.id).delete()
    if deleted:
        retract(row)
    return bool(deleted)


def _first(changes: list[list[Any]]) -> MemberCard | None:
    scope, object_id, _ = changes[0]
    return MemberCard.objects.in_scope(uuid.UUID(scope)).filter(id=object_id).first()


def let_in(call: Call, *, scope: uuid.UUID, user: uuid.UUID, from_now: bool) -> None:
    """Join, come back or change the role. The grant is a new one in each case."""
    with set_scene():
        scopes.grant(scope, user, "member", from_now=from_now)
    _after_commit("in", call, {"scope": scope, "user": user, "from_now": from_now})


def let_out(call: Call, *, scope: uuid.UUID, user: uuid.UUID) -> None:
    with set_scene():
        scopes.revoke(scope, user)
    _after_commit("out", call, {"scope": scope, "user": user})


def _after_commit(what: str, call: Call, effect: Any) -> None:
    done = Done(what, call.key, effect)
    transaction.on_commit(lambda: committed.append(done))


@contextmanager
def registered() -> Iterator[None]:
    """Register the three actions inside the block."""
    for name, input_class, handler in (
        (WRITE, Write, write),
        (LET_IN, LetIn, let_in),
        (LET_OUT, LetOut, let_out),
    ):
        action(name, input=input_class, allow=anyone_signed_in)(handler)
    try:
        yield
    finally:
        for name in (WRITE, LET_IN, LET_OUT):
            del ACTIONS[name]
