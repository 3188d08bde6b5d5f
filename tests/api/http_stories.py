"""The requests of docs/protocol.md, read from the page and sent to the real views.

A block of a story is one request and what its answer must hold. `{name}` is a value: the first
answer that holds it gives it, later ones must hold the same, and requests send it. `…` is
anything. An object may hold more than is written; a list of another length must hold each element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.test import Client

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
BLOCK = re.compile(r"<!-- Story: ([\w ]+) -->\n```http\n(.*?)```", re.DOTALL)
VALUE = re.compile(r"\{(\w+)\}")
Values = dict[str, Any]


class Exchange(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any


def stories() -> dict[str, list[Exchange]]:
    by_name: dict[str, list[Exchange]] = {}
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        by_name.setdefault(name, []).append(_exchange(text))
    return by_name


def _exchange(text: str) -> Exchange:
    request, _, answer = text.partition("HTTP/1.1 ")
    head, _, body = request.strip().partition("\n\n")
    line, *headers = head.splitlines()
    method, path = line.split()
    status, _, expected = answer.strip().partition("\n\n")
    return Exchange(
        method,
        path,
        dict(header.split(": ", 1) for header in headers),
        json.loads(body),
        int(status),
        json.loads(expected or "null"),
    )


def play(name: str, values: Values) -> Iterator[Exchange]:
    """Send each request of the story and compare its answer, then yield it.

    `values`: what the story begins with; a function is called when its value is needed.
    """
    for exchange in stories()[name]:
        headers = {name: _filled(value, values) for name, value in exchange.headers.items()}
        answer = Client(raise_request_exception=False).generic(
            exchange.method,
            exchange.path,
            json.dumps(_filled(exchange.body, values)),
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == exchange.status, (exchange.path, answer.content)
        if exchange.answer is not None:
            actual = json.loads(answer.content)
            assert holds(exchange.answer, actual, values), (exchange.path, actual, values)
        yield exchange


def holds(expected: Any, actual: Any, values: Values) -> bool:
    """Whether the answer holds what the page says. Binds the values it gives."""
    if isinstance(expected, str):
        return _is_text(expected, actual, values)
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            _filled(name, values) in actual and holds(inner, actual[_filled(name, values)], values)
            for name, inner in expected.items()
        )
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) == len(actual):
            return all(holds(e, a, values) for e, a in zip(expected, actual, strict=True))
        return all(any(_would_hold(e, a, values) for a in actual) for e in expected)
    return bool(expected == actual)


def _would_hold(expected: Any, actual: Any, values: Values) -> bool:
    trial = dict(values)
    if holds(expected, actual, trial):
        values.update(trial)
        return True
    return False


def _is_text(expected: str, actual: Any, values: Values) -> bool:
    name = VALUE.fullmatch(expected)
    if expected == "…":
        return True
    if name is None or name[1] in values:
        return bool(_filled(expected, values) == actual)
    values[name[1]] = actual
    return True


def _filled(template: Any, values: Values) -> Any:
    if isinstance(template, dict):
        return {_filled(name, values): _filled(v, values) for name, v in template.items()}
    if isinstance(template, list):
        return [_filled(each, values) for each in template]
    if not isinstance(template, str):
        return template
    if whole := VALUE.fullmatch(template):
        return _value(whole[1], values)
    return VALUE.sub(lambda name: str(_value(name[1], values)), template)


def _value(name: str, values: Values) -> Any:
    value: Callable[[], Any] | Any = values[name]
    if callable(value):
        values[name] = value = value()
    return value
