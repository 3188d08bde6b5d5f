"""The registry of actions: every write has a name, an input, a rule and a handler."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from foundation.problems import Invalid, Refused, TooNew, UnknownAction
from recovery.actions.inputs import ActionInput
from recovery.actions.self_reports import undeclared
from recovery.actions.signature import mismatches
from recovery.feed.context import Actor
from recovery.feed.documents import kind_of

BASE_UNREADABLE = "This app did not say in the right way which version you had seen."
Rule = Callable[["Call", dict[str, Any]], bool]


@dataclass(frozen=True)
class System:
    """The actor of jobs and management commands: not signed in, a member of no scope."""

    id: uuid.UUID = uuid.UUID(int=0)


SYSTEM = System()


@dataclass(frozen=True)
class Call:
    """One request to an action, as its handler sees it.

    `now` is the server's clock when the request arrives. `client_time` is the phone's clock, with
    its measured offset added. `base` maps "kind/id" to the seq that the author had seen. If
    `base_is_partial`, the phone sent more, in a form that could not be read. `unread` holds what
    a self-report sent that could not be read, by field (self_reports.py).
    """

    actor: Actor
    now: datetime
    key: uuid.UUID = field(default_factory=uuid7)
    client_time: datetime | None = None
    base: Mapping[str, int] = field(default_factory=dict)
    session_id: uuid.UUID | None = None
    base_is_partial: bool = False
    unread: dict[str, Any] = field(default_factory=dict)

    @property
    def occurred_at(self) -> datetime:
        """The best known time of the act: at most 90 days ago, never in the future."""
        claimed = self.client_time or self.now
        return min(max(claimed, self.now - timedelta(days=90)), self.now)

    def made_id(self, kind: str) -> uuid.UUID:
        """An id for a row whose own the phone could not say. A retry makes the same one."""
        return uuid.uuid5(self.key, kind)

    def seen(self, row: Any) -> int | None:
        """The seq at which the author saw the row's document. None: the phone did not say.

        Refused: `base_required` if what it said cannot be read. For actions that would otherwise
        replace what another phone wrote.
        """
        seq = self.base.get(f"{kind_of(type(row))}/{row.id}")
        if seq is None and self.base_is_partial:
            raise Refused("base_required", BASE_UNREADABLE, current=row)
        return seq


@dataclass(frozen=True)
class Answer:
    """What a handler returns. `data` is stored in the receipt. `once` is sent and never stored."""

    data: dict[str, Any] | None = None
    once: dict[str, Any] | None = None


Handler = Callable[..., "dict[str, Any] | Answer | None"]


@dataclass(frozen=True)
class Action:
    name: str
    version: int
    input: type[ActionInput]
    allow: Rule
    run: Handler


Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
ACTIONS: dict[str, Action] = {}
UPGRADES: dict[tuple[str, int], Upgrade] = {}


def action(
    name: str, *, input: type[ActionInput], allow: Rule, version: int = 1
) -> Callable[[Handler], Handler]:
    """Register `handler(call, *, field, …)` under `domain.verb_noun`.

    The handler gets each field of the validated input as a keyword. RuntimeError: its parameters
    are not the fields of the input, a self-report does not say what each field is, or the name is
    taken.
    """

    def register(handler: Handler) -> Handler:
        if name in ACTIONS:
            raise RuntimeError(f"two actions are called {name}")
        if problems := [*mismatches(input, handler), *undeclared(input)]:
            raise RuntimeError(f"action {name}: {'; '.join(problems)}")
        ACTIONS[name] = Action(name, version, input, allow, handler)
        return handler

    return register


def upgrade(name: str, *, version: int) -> Callable[[Upgrade], Upgrade]:
    """Register the pure function that turns an input of `version` into one of the next version.

    It stays beside the action as long as any app in use may send the old version. An outbox is
    accepted from every app, however old.
    """

    def register(up: Upgrade) -> Upgrade:
        if (name, version) in UPGRADES:
            raise RuntimeError(f"two upgrades of {name} from {version}")
        UPGRADES[name, version] = up
        return up

    return register


def find(name: str, version: int | None = None) -> Action:
    """Raises UnknownAction if there is no such action, TooNew if not in that version."""
    known = ACTIONS.get(name)
    if known is None:
        raise UnknownAction
    if (version or 1) > known.version:
        raise TooNew
    return known


def upgraded(known: Action, data: Any, version: int | None) -> Any:
    """Upgrade an input of `version` (None: the current one) to what the action takes now.

    Raises Invalid if the input does not fit that version.
    """
    if version is None or not isinstance(data, dict):
        return data
    for up in [UPGRADES[known.name, n] for n in range(version, known.version)]:
        try:
            data = up(data)
        except (LookupError, TypeError, ValueError) as error:
            raise Invalid({"body": [f"Not an input of version {version}."]}) from error
    return data
