"""YAML that people write. What they typed is what is read, or there is an error with its line.

YAML guesses types: 024 is twenty, 18:00 is 1080, no is false, 3.10 is 3.1. Here a plain value is a
number only if the number prints as the same characters, and only `true`, `false` and `null` are
special. Everything else is text. What YAML allows and few people expect, such as references, tags
and the same key twice, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KeyPath = tuple[str | int, ...]

SPECIAL = {"": None, "null": None, "true": True, "false": False}
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
# Line ends for YAML but not for editors, and a mark that no editor shows.
UNSEEN = re.compile("\r(?!\n)|[\x85\u2028\u2029\ufeff]")
# Escapes in quotes, such as "\\0" or "\\ud83d", can make what is no text.
NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# What follows a # after text is a comment, and "Room #3" would be "Room".
COMMENT = re.compile(" +#")
DEEPEST = 50


class BadFile(Exception):
    """The file cannot be used. `str()` has one line for each error: `file:line: key: message`."""


@dataclass(frozen=True)
class Document:
    """What a file says, and the line of each key and item."""

    file: str
    content: Any
    lines: dict[KeyPath, int]

    def line(self, path: KeyPath) -> int:
        """The line of a key. A key that is missing has the line of what it is missing in."""
        return self.lines[path] if path in self.lines else self.line(path[:-1])

    def error(self, path: KeyPath, message: str) -> str:
        """One line, such as `stop.yaml:36: steps[1].fields[0].type: message`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        key = "".join(parts).removeprefix(".") or "the file"
        return f"{self.file}:{self.line(path)}: {key}: {message}"


def read_file(path: Path) -> Document:
    """Raises BadFile, also if there is no file or it is not UTF-8."""
    try:
        data = path.read_bytes()
        return read(data.decode("utf-8-sig"), str(path))
    except OSError as error:
        raise BadFile(f"{path}:1: the file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile(f"{path}:{line}: the file: this is not UTF-8") from error


def read(text: str, file: str) -> Document:
    """Raises BadFile unless the text is one mapping of keys to values."""
    if unseen := UNSEEN.search(text):
        line, code = text.count("\n", 0, unseen.start()) + 1, f"U+{ord(unseen.group()):04X}"
        raise BadFile(f"{file}:{line}: the file: delete the invisible character {code}")
    document = Document(file, {}, {(): 1})
    try:
        errors = [f"{file}:{line}: the file: {problem}" for line, problem in _surprises(text)]
        tree = None if errors else yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadFile(f"{file}:{line}: the file: this is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadFile(f"{file}:{line}: the file: this is not YAML: {error.reason}") from error
    if isinstance(tree, yaml.MappingNode):
        document.content.update(_value(tree, (), document, errors))
    elif not errors:
        errors = [document.error((), "keys and values are expected")]
    if errors:
        raise BadFile("\n".join(errors))
    return document


def _surprises(text: str) -> Iterator[tuple[int, str]]:
    """The line of everything that YAML allows and this format does not."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > DEEPEST:
            yield line, "this is nested too deeply"
            return
        if documents > 1 or _is_marker(event):
            yield line, "write one document, without %, --- or ... lines"
            return
        if anchor := getattr(event, "anchor", None):
            yield line, f"{anchor}: write it out; there are no references here"
        if tag := getattr(event, "tag", None):
            yield line, f"{tag}: put text that begins with ! in quotes"


def _is_marker(event: yaml.Event) -> bool:
    if isinstance(event, yaml.DocumentStartEvent):
        return bool(event.version or event.tags)
    return isinstance(event, yaml.DocumentEndEvent) and bool(event.explicit)


def _value(node: yaml.Node, path: KeyPath, document: Document, errors: list[str]) -> Any:
    """The value of a node. Notes the line of everything in it."""
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document, errors)
    if isinstance(node, yaml.ScalarNode):
        if NO_TEXT.search(node.value):
            errors.append(document.error(path, "Write the characters, not their codes."))
        value, end = _scalar(node), node.end_mark
        if (
            node.style is None
            and isinstance(value, str)
            and COMMENT.match(end.buffer or "", end.pointer)
        ):
            errors.append(
                document.error(path, f'Put "{value} #…" in quotes, or the comment on a line above.')
            )
        return value
    for index, item in enumerate(node.value):
        document.lines[*path, index] = item.start_mark.line + 1
    return [_value(item, (*path, n), document, errors) for n, item in enumerate(node.value)]


def _mapping(
    node: yaml.MappingNode, path: KeyPath, document: Document, errors: list[str]
) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, inner in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        inner_path = (*path, name)
        document.lines[inner_path] = key.start_mark.line + 1
        if name in mapping:
            errors.append(document.error(inner_path, "This key is there twice."))
        elif name in ("?", "<<") or NO_TEXT.search(name):
            errors.append(document.error(inner_path, "A key must be a word."))
        mapping[name] = _value(inner, inner_path, document, errors)
    return mapping


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style is not None:  # in quotes, or a block of text
        return text
    if text in SPECIAL:
        return SPECIAL[text]
    if match := NUMBER.fullmatch(text):
        number = float(text) if match[2] else int(text)
        return number if str(number) == text else text
    return text
