"""Reading an exercise from YAML: what is wrong is told with file, line and key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from recovery.practice.rules.exercise import ExerciseSpec

Path = tuple[str | int, ...]


class BadPack(Exception):
    """The pack cannot be used; one line of `str()` for each thing that is wrong with it."""


@dataclass(frozen=True)
class Problem:
    line: int
    path: Path
    message: str

    def told(self, file: str) -> str:
        return f"{file}:{self.line}: {key_of(self.path)}: {self.message}"


def read_exercise(text: str, file: str) -> dict[str, Any]:
    """The content of one pack. BadPack: it is no YAML, or not the form of an exercise."""
    tree = _parse(text, file)
    lines: dict[Path, int] = {}
    problems = list(_walk(tree, (), lines))
    spec = ExerciseSpec(data=yaml.safe_load(text), context={})
    if not spec.is_valid():
        problems += [
            Problem(line_of(path, lines), path, message) for path, message in messages(spec.errors)
        ]
    if problems:
        raise BadPack("\n".join(problem.told(file) for problem in problems))
    return plain(spec.validated_data)


def plain(content: Any) -> Any:
    """Checked content as JSON knows it, for storing and for passing on."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    return content if isinstance(content, int | str) else str(content)


def messages(errors: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every sentence in a serializer's nested errors, with the way to it."""
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from messages(inner, path if key == "non_field_errors" else (*path, key))
    elif any(isinstance(inner, dict | list) for inner in errors):
        for index, inner in enumerate(errors):
            yield from messages(inner, (*path, index))
    else:
        for sentence in errors:
            yield path, str(sentence)


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of the key, or of the nearest thing around it when the key is missing."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def key_of(path: Path) -> str:
    """`steps[2].fields[0].type`, the way people write it."""
    told = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return told.removeprefix(".") or "the file"


def _parse(text: str, file: str) -> yaml.Node:
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        yaml.safe_load(text)
        alias = next((e for e in yaml.parse(text) if isinstance(e, yaml.AliasEvent)), None)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadPack(f"{file}:{line}: this is no YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadPack(f"{file}:1: this is no YAML: {error}") from error
    if alias:
        line = alias.start_mark.line + 1 if alias.start_mark else 1
        raise BadPack(f"{file}:{line}: *{alias.anchor}: write it out; packs have no references")
    if not isinstance(tree, yaml.MappingNode):
        raise BadPack(f"{file}:1: the file: one exercise is expected, as keys and values")
    return tree


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Iterator[Problem]:
    """Note the line of every key; a key written twice would silently win over the first."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            yield from _walk(item, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                yield Problem(line, inner, "This key is there twice.")
            lines[inner] = line
            yield from _walk(value, inner, lines)
