"""The stories: a name, what the vector shows, and who does what in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.vectors.recorder import Recorder


@dataclass(frozen=True)
class Story:
    name: str
    about: str
    play: Callable[[Recorder], Awaitable[None]]
    app: dict[str, Any] = field(default_factory=dict)


STORIES: dict[str, Story] = {}


def story(**app: Any) -> Callable[[Callable[[Recorder], Awaitable[None]]], None]:
    """Register a coroutine as a story. Its docstring becomes the vector's `about`."""

    def register(play: Callable[[Recorder], Awaitable[None]]) -> None:
        name = play.__name__
        STORIES[name] = Story(name, " ".join((play.__doc__ or "").split()), play, app)

    return register


def problem(status: int, code: str, *, after: str = "", **more: Any) -> dict[str, Any]:
    """An answer by hand. `after`: its `Retry-After`."""
    answer = {"status": status, "body": {"status": status, "code": code, **more}}
    return answer | ({"headers": {"Retry-After": after}} if after else {})
