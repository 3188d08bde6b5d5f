"""What the players have learnt so far, filled into what they do next."""

import re
from datetime import UTC, datetime
from typing import Any

from uuid_utils.compat import uuid7

NAME = re.compile(r"\$([a-z_]+)")


class Memory:
    """`$name` in a text stands for what was kept under that name; `$new_...` is an id made the
    first time it is needed, `$now` this moment."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def keep(self, **known: Any) -> None:
        self.kept.update(known)

    def fill(self, value: Any) -> Any:
        """`value` with every name replaced, however deep. KeyError: nobody has kept it."""
        if isinstance(value, dict):
            return {key: self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> Any:
        alone = NAME.fullmatch(text)
        if alone:
            return self._known(alone[1])
        return NAME.sub(lambda found: str(self._known(found[1])), text)

    def _known(self, name: str) -> Any:
        if name == "now":
            return datetime.now(UTC).isoformat()
        if name.startswith("new_"):
            return self.kept.setdefault(name, str(uuid7()))
        return self.kept[name]
