"""Declares an exhibit: a document of one kind, and the change that two phones make to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Exhibit:
    """One phone of `user` performs `action` with `args` on the document `id` in `scope`. A second
    phone, which has not seen that change, performs it with `args | rival`."""

    user: Any
    scope: str
    id: Any
    action: str
    args: dict[str, Any]
    rival: dict[str, Any] = field(default_factory=dict)

    def wire(self, **more: Any) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(json.dumps(self.args | more, default=str))
        return plain


EXHIBITS: dict[str, Callable[[], Exhibit]] = {}


def exhibit(kind: str) -> Callable[[Callable[[], Exhibit]], Callable[[], Exhibit]]:
    def register(make: Callable[[], Exhibit]) -> Callable[[], Exhibit]:
        EXHIBITS[kind] = make
        return make

    return register
