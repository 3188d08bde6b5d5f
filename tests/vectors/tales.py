"""The tales: a name, what the vector shows, and who does what in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.vectors.recorder import Recorder


@dataclass(frozen=True)
class Tale:
    name: str
    about: str
    tell: Callable[[Recorder], Awaitable[None]]
    app: dict[str, Any] = field(default_factory=dict)


TALES: dict[str, Tale] = {}


def tale(**app: Any) -> Callable[[Callable[[Recorder], Awaitable[None]]], None]:
    """Register a coroutine as a tale. Its docstring becomes the vector's `about`."""

    def take(tell: Callable[[Recorder], Awaitable[None]]) -> None:
        name = tell.__name__
        TALES[name] = Tale(name, " ".join((tell.__doc__ or "").split()), tell, app)

    return take
