"""Bringing a phone's session into one of its states, for the statements that find out who asks."""

from __future__ import annotations

from typing import Any


def columns(cursor: Any) -> list[str]:
    return [column.name for column in cursor.description]
