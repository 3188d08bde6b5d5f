"""The go-round (E2, D2): one line from each member, then support from the others."""

from __future__ import annotations

import uuid
from datetime import date

from rest_framework import serializers

from notifications import queue
from recovery.actions import ActionInput, Call, Ref, Refused, action
from recovery.actions.fields import Text
from recovery.actions.self_reports import Choice, SelfReport
from recovery.conversations.models import MemberCard
from recovery.feed import publish
from recovery.groups import queries
from recovery.groups.models import PeerGroup, Round, RoundLine, Support
from recovery.groups.notification_types import MESSAGE, ROUND
from recovery.groups.rules import facilitates, takes_part


class OpenRound(ActionInput):
    """`on_date`: the date of the treatment session it belongs to."""

    id = serializers.UUIDField()
    # Locked, so that of two go-rounds opened at the same time, the second closes the first.
    group = Ref(PeerGroup, lock=True)
    on_date = serializers.DateField()
    topic = Text(max_length=200, default="", allow_blank=True)


@action("groups.open_round", input=OpenRound, allow=facilitates("group"))
def open_round(
    call: Call, *, id: uuid.UUID, group: PeerGroup, on_date: date, topic: str
) -> dict[str, str]:
    """Begin a go-round. An earlier one that is still open is closed."""
    for earlier in queries.open_rounds(group.scope_id):
        _close(call, earlier)
    current = Round(
        id=id,
        scope_id=group.scope_id,
        on_date=on_date,
        topic=topic,
        opened_at=call.now,
    )
    current.save(force_insert=True)
    publish(current)
    queue.push(ROUND, scope_id=group.scope_id, except_user=call.actor.id)
    return {"round": str(current.id)}


class CloseRound(ActionInput):
    round = Ref(Round, lock=True)


@action("groups.close_round", input=CloseRound, allow=facilitates("round"))
def close_round(call: Call, *, round: Round) -> dict[str, str]:
    """End a go-round. Refused: `closed` already."""
    _require_open(round)
    _close(call, round)
    return {"round": str(round.id)}


class AddLine(SelfReport):
    about = ("round",)
    own = ("text",)
    by_app = ("id", "kind")
    shared = True

    id = serializers.UUIDField(default=None)
    round = Ref(Round)
    kind = Choice(RoundLine.KINDS)
    text = Text(max_length=500)


@action("groups.add_line", input=AddLine, allow=takes_part("round"))
def add_line(
    call: Call, *, id: uuid.UUID | None, round: Round, kind: str, text: str
) -> dict[str, str]:
    """Add the member's line. Refused: `closed`, `said_already` (with their line of this kind)."""
    _require_open(round)
    author_id = MemberCard.id_of(round.scope_id, call.actor.id)
    mine = RoundLine.objects.in_scope(round.scope_id).filter(round=round, author_id=author_id)
    lines = {line.kind: line for line in mine}
    if kind in lines and "kind" in call.unread and kind in RoundLine.KINDS:
        # Nobody knows which line it is, so it takes a place that is free.
        kind = next((each for each in RoundLine.KINDS if each not in lines), kind)
    if earlier := lines.get(kind):
        raise Refused("said_already", "You have already said this line.", current=earlier)
    line = RoundLine(
        id=id or call.made_id("round_line"),
        scope_id=round.scope_id,
        round=round,
        author_id=author_id,
        kind=kind,
        text=text,
        written_at=call.occurred_at,
        received_at=call.now,
        unread=call.unread or None,
    )
    line.save(force_insert=True)
    publish(line)
    queue.push(MESSAGE, scope_id=round.scope_id, except_user=call.actor.id)
    return {"round_line": str(line.id)}


class SupportLine(SelfReport):
    about = ("line",)
    own = ("text",)
    by_app = ("id", "word")
    shared = True

    id = serializers.UUIDField(default=None)
    line = Ref(RoundLine)
    word = Choice(Support.WORDS)
    text = Text(max_length=280, default="", allow_blank=True)


@action("groups.support_line", input=SupportLine, allow=takes_part("line"))
def support_line(
    call: Call, *, id: uuid.UUID | None, line: RoundLine, word: str, text: str
) -> dict[str, str]:
    """Support another member's line. This is possible after the go-round has closed too.

    Refused: `own_line`, `supported_already`.
    """
    author_id = MemberCard.id_of(line.scope_id, call.actor.id)
    if line.author_id == author_id:
        raise Refused("own_line", "You can support other members' lines.")
    supports = Support.objects.in_scope(line.scope_id)
    if earlier := supports.filter(line=line, author_id=author_id).first():
        raise Refused("supported_already", "You have already supported this line.", current=earlier)
    support = Support(
        id=id or call.made_id("support"),
        scope_id=line.scope_id,
        line=line,
        author_id=author_id,
        word=word,
        text=text,
        written_at=call.occurred_at,
        unread=call.unread or None,
    )
    support.save(force_insert=True)
    publish(support)
    return {"support": str(support.id)}


def _close(call: Call, current: Round) -> None:
    current.closed_at = call.now
    current.save(update_fields=["closed_at"])
    publish(current)


def _require_open(current: Round) -> None:
    if current.closed_at:
        raise Refused("closed", "This go-round has ended.", current=current)
