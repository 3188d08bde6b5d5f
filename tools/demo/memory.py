"""Values that the players have kept so far; they fill in the `$names` of later lines."""

import re
from datetime import UTC, datetime
from typing import Any

from uuid_utils.compat import uuid7

NAME = re.compile(r"\$([a-z_]+)")


class Memory:
    """`$name` stands for the value kept under that name. `$new_...` is an id, created when first
    used. `$now` is the current time."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def keep(self, **values: Any) -> None:
        self.values.update(values)

    def fill(self, value: Any) -> Any:
        """Replace all names in `value`, at any depth. Raises KeyError for an unknown name."""
        if isinstance(value, dict):
            return {key: self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> Any:
        # A name that is the whole text keeps its type: a number stays a number.
        name = NAME.fullmatch(text)
        if name:
            return self._value(name[1])
        return NAME.sub(lambda match: str(self._value(match[1])), text)

    def _value(self, name: str) -> Any:
        if name == "now":
            return datetime.now(UTC).isoformat()
        if name.startswith("new_"):
            return self.values.setdefault(name, str(uuid7()))
        return self.values[name]
