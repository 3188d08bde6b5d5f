"""A go-round for a page: who has said what, in order, and the words of support for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recovery.actions.self_reports import CLOCK_FIELDS
from recovery.console.desk import Desk
from recovery.console.group import Cards, name_in
from recovery.groups.models import Round, RoundLine, Support

# From then on, a line was on its way for so long that the round may have moved on.
LATE = timedelta(minutes=5)
WORDS: dict[str, Promise | str] = {
    "with_you": _("With you"),
    "me_too": _("Me too"),
    "thank_you": _("Thank you"),
    "proud_of_you": _("Proud of you"),
}
LABELS: dict[str, Promise | str] = {"hard": _("Hard"), "plan": _("Plan")}


@dataclass(frozen=True)
class Line:
    """`supports`: by whom, the word, and what they wrote with it. `can_support`: the reader has not
    yet, and it is not theirs."""

    row: RoundLine
    name: str
    supports: list[tuple[str, Any, str]]
    can_support: bool

    @property
    def label(self) -> Any:
        """What kind of line it is. A success says so itself."""
        return LABELS.get(self.row.kind, "")

    @property
    def is_late(self) -> bool:
        return bool(self.row.received_at - self.row.written_at >= LATE)

    @property
    def clock_is_off(self) -> bool:
        return not set(CLOCK_FIELDS).isdisjoint(self.row.unread or {})


@dataclass
class Spoken:
    """One person's lines: success, difficulty, plan."""

    card_id: uuid.UUID
    name: str
    lines: list[Line] = field(default_factory=list)

    @property
    def came_at(self) -> datetime:
        """When their first line arrived."""
        return min(line.row.received_at for line in self.lines)


@dataclass(frozen=True)
class GoRound:
    row: Round
    spoken: list[Spoken]

    @property
    def lines(self) -> list[Line]:
        return [line for each in self.spoken for line in each.lines]

    @property
    def in_order(self) -> list[Spoken]:
        """Those who wrote in time, with these lines."""
        timely = [(each, [line for line in each.lines if not line.is_late]) for each in self.spoken]
        return [Spoken(each.card_id, each.name, lines) for each, lines in timely if lines]

    @property
    def late(self) -> list[Line]:
        return [line for line in self.lines if line.is_late]

    def of_kind(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line.row.kind == kind]


def go_round(desk: Desk, row: Round, cards: Cards, mine: uuid.UUID) -> GoRound:
    """All that was said in it, by who wrote first. `mine`: the reader's card."""
    rows = desk.rows(RoundLine).filter(scope_id=row.scope_id, round=row)
    lines = desk.read(rows.order_by("received_at", "id"))
    words = desk.rows(Support).filter(scope_id=row.scope_id, line__round=row)
    by_line: dict[uuid.UUID, list[Support]] = {}
    for each in desk.read(words.order_by("written_at", "id")):
        by_line.setdefault(each.line_id, []).append(each)
    spoken: dict[uuid.UUID, Spoken] = {}
    for line in lines:
        author, of_line = line.author_id, by_line.get(line.id, [])
        name = name_in(cards, author)
        supports = [
            (name_in(cards, each.author_id), word(each.word), each.text) for each in of_line
        ]
        can_support = author != mine and all(each.author_id != mine for each in of_line)
        person = spoken.setdefault(author, Spoken(author, name))
        person.lines.append(Line(line, name, supports, can_support))
    order = {kind: n for n, kind in enumerate(RoundLine.KINDS)}
    for person in spoken.values():
        person.lines.sort(key=lambda each: order.get(each.row.kind, len(order)))
    return GoRound(row, list(spoken.values()))


def word(code: str) -> Any:
    # A newer app may know more words.
    return WORDS.get(code) or gettext("Support")
