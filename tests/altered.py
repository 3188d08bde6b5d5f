"""Code with one line altered, to prove that a test notices when a rule is not kept."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Python(NamedTuple):
    """`owner` is the class or module that has `name`. The line `was` must exist."""

    owner: Any
    name: str
    was: str
    becomes: str


@contextmanager
def altered(alteration: Python) -> Iterator[None]:
    """The function is another one inside the block."""
    before = getattr(alteration.owner, alteration.name)
    setattr(alteration.owner, alteration.name, _rewritten(before, alteration))
    try:
        yield
    finally:
        setattr(alteration.owner, alteration.name, before)


def replaced(text: str, was: str, becomes: str) -> str:
    assert was in text, f"{was!r} is no longer there"
    return text.replace(was, becomes)


def _rewritten(function: Any, alteration: Python) -> Any:
    """The function recompiled from its altered text, with its original globals."""
    text = getattr(function, "text_now", None) or textwrap.dedent(inspect.getsource(function))
    text = replaced(text, alteration.was, alteration.becomes)
    namespace: dict[str, Any] = {}
    unwrapped = inspect.unwrap(function)
    exec(compile(text, unwrapped.__code__.co_filename, "exec"), unwrapped.__globals__, namespace)  # noqa: S102
    new = namespace[alteration.name]
    new.text_now = text
    return new
