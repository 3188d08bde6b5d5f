"""Rules combine with `&`, `|` and `~`, and so do their docstrings.

docs/permissions.md is written from the docstrings, so each one names the people it lets through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recovery.actions.registry import SYSTEM, Call

Predicate = Callable[[Call, dict[str, Any]], bool]


class rule:  # noqa: N801  # used as a decorator
    """A predicate over a call and its validated input."""

    def __init__(self, predicate: Predicate) -> None:
        self._holds = predicate
        self.parts: tuple[Predicate, ...] = ()
        self.__name__ = predicate.__name__
        self.__doc__ = predicate.__doc__

    def __call__(self, call: Call, data: dict[str, Any]) -> bool:
        return self._holds(call, data)

    def __and__(self, other: Predicate) -> rule:
        both = rule(lambda call, data: self(call, data) and other(call, data))
        both.parts = (self, other)
        both.__doc__ = f"Both {_phrase(self)}, and {_phrase(other)}."
        return both

    def __or__(self, other: Predicate) -> rule:
        either = rule(lambda call, data: self(call, data) or other(call, data))
        either.parts = (self, other)
        either.__doc__ = f"Either {_phrase(self)}, or {_phrase(other)}."
        return either

    def __invert__(self) -> rule:
        negation = rule(lambda call, data: not self(call, data))
        negation.parts = (self,)
        negation.__doc__ = f"Not {_phrase(self)}."
        return negation


def contains(predicate: Predicate, part: Predicate) -> bool:
    """Whether the rule `part` is this rule, or was combined into it."""
    return predicate is part or any(contains(p, part) for p in getattr(predicate, "parts", ()))


def _phrase(predicate: Predicate) -> str:
    """The docstring as part of a sentence: "Members of the group." → "members of the group"."""
    words = " ".join((predicate.__doc__ or "").split()).rstrip(".")
    return words[:1].lower() + words[1:]


@rule
def only_system(call: Call, data: dict[str, Any]) -> bool:
    """The system, in jobs and management commands."""
    return call.actor is SYSTEM


@rule
def anyone_signed_in(call: Call, data: dict[str, Any]) -> bool:
    """Anyone who is signed in."""
    # What they can name in the input is limited by their memberships.
    return call.actor is not SYSTEM
