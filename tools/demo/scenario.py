"""The day as it is written down: who takes part, and step by step what they do and expect."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KEYS = {"title", "who", "do", "expect"}


class BadScenario(Exception):
    """The file cannot be played; the text says where and why."""


@dataclass(frozen=True)
class Line:
    """One thing to do or to expect: `verb`, who, and its arguments."""

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
        """BadScenario: the file is missing, is no YAML, or has something we do not know."""
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            steps = [_step(given, content["cast"]) for given in content["steps"]]
            return cls(content["title"], content["cast"], steps)
        except (OSError, yaml.YAMLError, KeyError, TypeError) as problem:
            raise BadScenario(f"{path} cannot be played: {problem!r}") from problem


def _step(given: dict[str, Any], cast: dict[str, Any]) -> Step:
    if unknown := given.keys() - KEYS:
        raise BadScenario(f"{given.get('title')}: nobody knows {', '.join(sorted(unknown))}")
    who = given.get("who", "")
    lines = {key: list(_lines(given.get(key, []), who)) for key in ("do", "expect")}
    for line in [*lines["do"], *lines["expect"]]:
        if line.who not in cast:
            raise BadScenario(f"{given['title']}: {line.verb}: who is {line.who!r}?")
    return Step(given["title"], **lines)


def _lines(given: list[Any], who: str) -> Iterator[Line]:
    """`- verb: {...}`; `who` inside overrides the step's."""
    for item in given:
        ((verb, args),) = item.items() if isinstance(item, dict) else [(item, None)]
        args = dict(args or {})
        yield Line(args.pop("who", who), verb, args)
