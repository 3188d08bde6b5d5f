"""The go-round (E2, D2): one line from each, then support."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.conversations.models import MemberCard
from recovery.feed import publish
from recovery.groups import queries
from recovery.groups.models import PeerGroup, Round, RoundLine, Support
from recovery.groups.notification_types import MESSAGE, ROUND
from recovery.groups.rules import facilitates, takes_part


class OpenRound(ActionInput):
    """`on_date`: the day of the session it belongs to."""

    id = serializers.UUIDField()
    group = Ref(PeerGroup, lock=True)
    on_date = serializers.DateField()
    topic = serializers.CharField(max_length=200, default="", allow_blank=True)


@action("groups.open_round", input=OpenRound, allow=facilitates("group"))
def open_round(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Begin a go-round; the one before it, if nobody closed it, ends."""
    group_id = data["group"].scope_id
    for earlier in queries.open_rounds(group_id):
        _close(call, earlier)
    current = Round(
        id=data["id"],
        scope_id=group_id,
        on_date=data["on_date"],
        topic=data["topic"],
        opened_at=call.now,
    )
    current.save(force_insert=True)
    publish(current)
    queue.push(ROUND, scope_id=group_id, except_user=call.actor.id)
    return {"round": str(current.id)}


class CloseRound(ActionInput):
    round = Ref(Round, lock=True)


@action("groups.close_round", input=CloseRound, allow=facilitates("round"))
def close_round(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """End a go-round. Refused: `closed` already."""
    _require_open(data["round"])
    _close(call, data["round"])
    return {"round": str(data["round"].id)}


class AddLine(ActionInput):
    id = serializers.UUIDField()
    round = Ref(Round)
    kind = serializers.ChoiceField(RoundLine.KINDS)
    text = serializers.CharField(max_length=500)


@action("groups.add_line", input=AddLine, allow=takes_part("round"))
def add_line(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Say one's line. Refused: `closed`, `said_already` (with the line of this kind)."""
    current, author = data["round"], _own_card(call, data["round"])
    _require_open(current)
    _require_first(current, author, data["kind"])
    line = RoundLine(
        id=data["id"],
        scope_id=current.scope_id,
        round=current,
        author_id=author,
        kind=data["kind"],
        text=data["text"],
        written_at=call.occurred_at,
        received_at=call.now,
    )
    line.save(force_insert=True)
    publish(line)
    queue.push(MESSAGE, scope_id=current.scope_id, except_user=call.actor.id)
    return {"round_line": str(line.id)}


class SupportLine(ActionInput):
    id = serializers.UUIDField()
    line = Ref(RoundLine)
    word = serializers.ChoiceField(Support.WORDS)
    text = serializers.CharField(max_length=280, default="", allow_blank=True)


@action("groups.support_line", input=SupportLine, allow=takes_part("line"))
def support_line(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Answer somebody's line with a word of support; it may come after the round has closed.

    Refused: `own_line`, `supported_already`.
    """
    line, author = data["line"], _own_card(call, data["line"])
    if line.author_id == author:
        raise Refused("own_line", "Support is for the others' lines.")
    _require_no_support(line, author)
    support = Support(
        id=data["id"],
        scope_id=line.scope_id,
        line=line,
        author_id=author,
        word=data["word"],
        text=data["text"],
        written_at=call.occurred_at,
    )
    support.save(force_insert=True)
    publish(support)
    return {"support": str(support.id)}


def _own_card(call: Call, row: Round | RoundLine) -> Any:
    return MemberCard.id_of(row.scope_id, call.actor.id)


def _close(call: Call, current: Round) -> None:
    current.closed_at = call.now
    current.save(update_fields=["closed_at"])
    publish(current)


def _require_open(current: Round) -> None:
    if current.closed_at:
        raise Refused("closed", "This round is over.", current=current)


def _require_first(current: Round, author: Any, kind: str) -> None:
    said = RoundLine.objects.in_scope(current.scope_id)
    earlier = said.filter(round=current, author_id=author, kind=kind).first()
    if earlier:
        raise Refused("said_already", "You have said this line already.", current=earlier)


def _require_no_support(line: RoundLine, author: Any) -> None:
    given = Support.objects.in_scope(line.scope_id).filter(line=line, author_id=author).first()
    if given:
        raise Refused("supported_already", "You have answered this line already.", current=given)
