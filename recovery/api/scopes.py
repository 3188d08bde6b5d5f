"""The name of a scope in a request."""

from __future__ import annotations

from typing import Annotated, Any

from foundation.fields import Field, text
from foundation.problems import NotFound
from recovery.feed.scopes import scope_id

NAME = text()


def _known(value: Any) -> str:
    """A malformed name is as unknown as any other."""
    name: str = NAME.read(value)
    try:
        scope_id(name)
    except ValueError:
        raise NotFound from None
    return name


ScopeName = Annotated[str, Field(_known, NAME.schema)]
