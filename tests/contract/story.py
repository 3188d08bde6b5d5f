"""Stories: for every action, who does it in which situation, and who must hear of it.

A story sets its stage with tests/cast and then yields one `Move` after the other; the yield
answers the move's data. What may be looked at on the way is the business of whoever plays it:
test_actions.py compares every phone after every move, others may write down what was said.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM, Call, perform
from recovery.actions.receipts import Outcome
from tests.cast import NOW
from tests.roles import as_role


@dataclass(frozen=True)
class Move:
    """One action by one person (or by the system, as a job).

    `tells`: what it publishes, as "scope kind/document kind", with "-" before a document that
    is taken away and "members" for a change of membership. Nothing: `because` says why.
    `anyone`: a stranger may do the same. `base`: as in a push.
    """

    action: str
    actor: Any
    data: dict[str, Any]
    tells: set[str] = field(default_factory=set)
    because: str = ""
    base: dict[str, int] = field(default_factory=dict)
    now: datetime = NOW
    session: uuid.UUID | str | None = None
    anyone: bool = False
    key: uuid.UUID = field(default_factory=uuid7)

    def __post_init__(self) -> None:
        if bool(self.tells) == bool(self.because):
            raise ValueError(f"{self.action}: says what it tells, or why it tells nothing")

    def args(self) -> dict[str, Any]:
        """As they come over the wire."""
        plain: dict[str, Any] = json.loads(json.dumps(self.data, default=str))
        return plain

    def call(self, actor: Any = None, **options: Any) -> Call:
        session = uuid.UUID(str(self.session)) if self.session else None
        told = {"key": self.key, "base": self.base, "session_id": session}
        return Call(actor or self.actor, self.now, **told | options)


Scene = Generator[Move, dict[str, Any], None]


@dataclass(frozen=True)
class Story:
    """`actions`: those that it plays, so that a missing one is noticed without playing."""

    name: str
    actions: frozenset[str]
    tell: Callable[[], Scene]


STORIES: dict[str, Story] = {}


def story(*actions: str) -> Callable[[Callable[[], Scene]], Callable[[], Scene]]:
    """Register a story under its function's name."""

    def register(tell: Callable[[], Scene]) -> Callable[[], Scene]:
        name = f"{tell.__module__.rpartition('.')[2]}: {tell.__name__.replace('_', ' ')}"
        STORIES[name] = Story(name, frozenset(actions), tell)
        return tell

    return register


def play(told: Story, do: Callable[[Move], dict[str, Any]]) -> set[str]:
    """Have `do` make each move, which answers its data; the actions that were played."""
    scene, played, answer = told.tell(), set(), None
    while True:
        try:
            move = next(scene) if answer is None else scene.send(answer)
        except StopIteration:
            return played
        answer = do(move)
        played.add(move.action)


def make(move: Move) -> Outcome:
    """Perform it, the system in the role of jobs."""
    if move.actor is SYSTEM:
        with as_role("jobs"):
            return perform(move.action, data=move.args(), call=move.call())
    return perform(move.action, data=move.args(), call=move.call())
