"""JSON that is kept as text and sent as text: nothing is parsed or rendered twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def compact(value: Any) -> str:
    """`value` as JSON without a space that it could do without."""
    return json.dumps(value, separators=(",", ":"))


def with_members(text: str, **members: str) -> str:
    """A JSON object that has members, with more members whose values are JSON texts."""
    added = ",".join(f'"{name}":{value}' for name, value in members.items())
    return f"{text[:-1]},{added}}}"


def array(items: Iterable[str]) -> str:
    """A JSON array of JSON texts."""
    return f"[{','.join(items)}]"


def entry(kind: str, object_id: object, seq: int, document: str) -> str:
    """`[kind, id, seq, document]`, as phones know an object of the feed."""
    return f'["{kind}","{object_id}",{seq},{document}]'
