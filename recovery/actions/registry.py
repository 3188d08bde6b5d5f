"""Every write has a name, an input, a rule and a function; here they are kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from foundation.problems import Invalid, TooNew, UnknownAction
from recovery.actions.inputs import ActionInput

Rule = Callable[["Call", dict[str, Any]], bool]


@dataclass(frozen=True)
class System:
    """Who acts when a job does: nobody signed in, nobody's scopes."""

    id: uuid.UUID = uuid.UUID(int=0)


SYSTEM = System()


@dataclass(frozen=True)
class Call:
    """One request to act, as its handler sees it.

    `now` is the server's clock at receipt; `client_time` the phone's, its measured offset
    added. `base` maps "kind/id" to the seq that the author had before them.
    """

    actor: Any
    now: datetime
    key: uuid.UUID = field(default_factory=uuid7)
    client_time: datetime | None = None
    base: Mapping[str, int] = field(default_factory=dict)
    session_id: uuid.UUID | None = None

    @property
    def occurred_at(self) -> datetime:
        """When it happened as far as we can know: at most 90 days ago, never in the future."""
        told = self.client_time or self.now
        return min(max(told, self.now - timedelta(days=90)), self.now)


@dataclass(frozen=True)
class Answer:
    """What a handler answers: `data` is kept with the receipt, `once` is told only this time."""

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
    """Register `handler(call, data)` under `domain.verb_noun`. Two of one name is an error."""

    def register(handler: Handler) -> Handler:
        if name in ACTIONS:
            raise RuntimeError(f"two actions are called {name}")
        ACTIONS[name] = Action(name, version, input, allow, handler)
        return handler

    return register


def upgrade(name: str, *, version: int) -> Callable[[Upgrade], Upgrade]:
    """Register the pure function that makes an input of `version` one of the version after it.

    It stands beside the action for as long as an app in use may send the old one: an outbox is
    taken from every app, however old.
    """

    def register(up: Upgrade) -> Upgrade:
        if (name, version) in UPGRADES:
            raise RuntimeError(f"two upgrades of {name} from {version}")
        UPGRADES[name, version] = up
        return up

    return register


def find(name: str, version: int | None = None) -> Action:
    """The action called `name`. UnknownAction: there is none. TooNew: not in that version."""
    found = ACTIONS.get(name)
    if found is None:
        raise UnknownAction
    if (version or 1) > found.version:
        raise TooNew
    return found


def upgraded(found: Action, data: Any, version: int | None) -> Any:
    """An input of `version` (None: the present one) as the action takes it now. Invalid: it is
    none of that version."""
    if version is None or not isinstance(data, dict):
        return data
    for up in [UPGRADES[found.name, n] for n in range(version, found.version)]:
        try:
            data = up(data)
        except (LookupError, TypeError, ValueError) as error:
            raise Invalid({"body": [f"Not an input of version {version}."]}) from error
    return data
