"""Reading an exercise from YAML. Errors name the file, the line and the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from recovery.practice.rules.exercise import ExerciseSpec

KeyPath = tuple[str | int, ...]


class BadPack(Exception):
    """The pack cannot be used. `str()` has one line for each error."""


@dataclass(frozen=True)
class Problem:
    line: int
    path: KeyPath
    message: str

    def in_file(self, file: str) -> str:
        """The problem as one line, with its path like `steps[2].fields[0].type`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        key = "".join(parts).removeprefix(".") or "the file"
        return f"{file}:{self.line}: {key}: {self.message}"


def read_exercise(text: str, file: str) -> dict[str, Any]:
    """The content of one pack. Raises BadPack if it is not YAML, or not a valid exercise."""
    tree = _parse(text, file)
    lines: dict[KeyPath, int] = {}
    problems = list(_walk(tree, (), lines))
    spec = ExerciseSpec(data=yaml.safe_load(text), context={})
    if not spec.is_valid():
        problems += [
            Problem(line_of(path, lines), path, message) for path, message in messages(spec.errors)
        ]
    if problems:
        raise BadPack("\n".join(problem.in_file(file) for problem in problems))
    return plain(spec.validated_data)


def plain(content: Any) -> Any:
    """Validated content as plain JSON values."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    return content if isinstance(content, int | str) else str(content)


def messages(errors: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every message in a serializer's nested errors, with its path."""
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from messages(inner, path if key == "non_field_errors" else (*path, key))
    elif any(isinstance(inner, dict | list) for inner in errors):
        for index, inner in enumerate(errors):
            yield from messages(inner, (*path, index))
    else:
        for sentence in errors:
            yield path, str(sentence)


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int:
    """The line of the key; if the key is missing, the line of the nearest key around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _parse(text: str, file: str) -> yaml.Node:
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        yaml.safe_load(text)  # fails where a value cannot be built: 2026-13-45 is no date
        alias = next((e for e in yaml.parse(text) if isinstance(e, yaml.AliasEvent)), None)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadPack(f"{file}:{line}: this is not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadPack(f"{file}:1: this is not YAML: {error}") from error
    if alias:
        line = alias.start_mark.line + 1 if alias.start_mark else 1
        raise BadPack(f"{file}:{line}: *{alias.anchor}: write it out; packs have no references")
    if not isinstance(tree, yaml.MappingNode):
        raise BadPack(f"{file}:1: the file: one exercise is expected, as keys and values")
    return tree


def _walk(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int]) -> Iterator[Problem]:
    """Record the line of every key in `lines`. Yields the keys that occur twice."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            yield from _walk(item, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:  # YAML would silently let the second key replace the first
                yield Problem(line, inner, "This key is there twice.")
            lines[inner] = line
            yield from _walk(value, inner, lines)
