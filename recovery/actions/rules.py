"""Rules say who may perform an action. They combine with `&`, `|` and `~`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recovery.actions.registry import SYSTEM, Call

Predicate = Callable[[Call, dict[str, Any]], bool]


class rule:  # noqa: N801  # used as a decorator
    """A predicate over a call and its validated input."""

    def __init__(self, predicate: Predicate) -> None:
        self._holds = predicate
        self.__name__ = predicate.__name__
        self.__doc__ = predicate.__doc__

    def __call__(self, call: Call, data: dict[str, Any]) -> bool:
        return self._holds(call, data)

    def __and__(self, other: Predicate) -> rule:
        return rule(lambda call, data: self(call, data) and other(call, data))

    def __or__(self, other: Predicate) -> rule:
        return rule(lambda call, data: self(call, data) or other(call, data))

    def __invert__(self) -> rule:
        return rule(lambda call, data: not self(call, data))


@rule
def only_system(call: Call, data: dict[str, Any]) -> bool:
    """Jobs and management commands, never a request from a person."""
    return call.actor is SYSTEM


@rule
def anyone_signed_in(call: Call, data: dict[str, Any]) -> bool:
    """Anyone who is signed in. Only their scopes limit what they can reach."""
    return call.actor is not SYSTEM
