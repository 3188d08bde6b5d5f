"""Stories: for every action, who performs it in which situation, and what it publishes.

A story sets the scene with tests/cast and then yields one `Move` after another. Each yield
returns the data of the move's outcome. The player decides what to check between moves:
test_actions.py compares every phone after every move.
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

    `tells` is what the action publishes, as "scope kind/document kind": "-" before the document
    kind means that the document is retracted, and "members" that the membership changes. If it
    publishes nothing, `because` says why. `anyone`: a stranger may do the same. `base`: as in a
    push.
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
            raise ValueError(f"{self.action}: give either `tells` or `because`")

    def args(self) -> dict[str, Any]:
        """The data as it arrives over the wire."""
        plain: dict[str, Any] = json.loads(json.dumps(self.data, default=str))
        return plain

    def call(self, actor: Any = None, **options: Any) -> Call:
        session = uuid.UUID(str(self.session)) if self.session else None
        defaults = {"key": self.key, "base": self.base, "session_id": session}
        return Call(actor or self.actor, self.now, **defaults | options)


Scene = Generator[Move, dict[str, Any], None]


@dataclass(frozen=True)
class Story:
    """`actions` lists what it plays, so a missing action is noticed without playing."""

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


def play(story: Story, do: Callable[[Move], dict[str, Any]]) -> set[str]:
    """Call `do` for each move; it returns the outcome's data. Returns the actions played."""
    scene, played, answer = story.tell(), set(), None
    while True:
        try:
            move = next(scene) if answer is None else scene.send(answer)
        except StopIteration:
            return played
        answer = do(move)
        played.add(move.action)


def make(move: Move) -> Outcome:
    """Perform the move. The system acts in the database role of jobs."""
    if move.actor is SYSTEM:
        with as_role("jobs"):
            return perform(move.action, data=move.args(), call=move.call())
    return perform(move.action, data=move.args(), call=move.call())
