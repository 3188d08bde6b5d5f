"""Reads a scenario from YAML: its cast, and step by step what they do and expect."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.strict_yaml import BadFile, read_file

KEYS = {"title", "who", "do", "expect"}


class BadScenario(Exception):
    """The scenario cannot be played; the message says where and why."""


@dataclass(frozen=True)
class Line:
    """One thing to do or to expect."""

    who: str
    verb: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Step:
    title: str
    do: list[Line] = field(default_factory=list)
    expect: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Scenario:
    title: str
    cast: dict[str, dict[str, Any]]
    steps: list[Step]

    @classmethod
    def read(cls, path: Path) -> "Scenario":
        """Raises BadScenario if the file is missing, is not YAML or has unknown keys."""
        try:
            content = read_file(path).content
            steps = [_step(step, content["cast"]) for step in content["steps"]]
            return cls(content["title"], content["cast"], steps)
        except (BadFile, KeyError, TypeError) as problem:
            raise BadScenario(f"{path} cannot be played: {problem!r}") from problem


def _step(step: dict[str, Any], cast: dict[str, Any]) -> Step:
    if unknown := step.keys() - KEYS:
        raise BadScenario(f"{step.get('title')}: unknown key {', '.join(sorted(unknown))}")
    who = step.get("who", "")
    lines = {key: list(_lines(step.get(key, []), who)) for key in ("do", "expect")}
    for line in [*lines["do"], *lines["expect"]]:
        if line.who not in cast:
            raise BadScenario(f"{step['title']}: {line.verb}: unknown player {line.who!r}")
    return Step(step["title"], **lines)


def _lines(items: list[Any], who: str) -> Iterator[Line]:
    """Each item is `verb` or `verb: {...}`; a `who` inside overrides the step's."""
    for item in items:
        ((verb, args),) = item.items() if isinstance(item, dict) else [(item, None)]
        args = dict(args or {})
        yield Line(args.pop("who", who), verb, args)
