"""The codes with which actions refuse, and their titles, read from the calls in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

VALUE = re.compile(r"%\(\w+\)[a-z]")  # in a title that is filled in
RECOVERY = Path(__file__).parents[2] / "recovery"


def refusals() -> dict[str, list[str]]:
    """The titles by code, for every `Refused(code, title)` that is written out."""
    titles_of: dict[str, set[str]] = {}
    for path in sorted(RECOVERY.rglob("*.py")):
        for code, title in _of(ast.parse(path.read_text(encoding="utf-8"))):
            titles_of.setdefault(code, set()).add(title)
    return {code: sorted(titles) for code, titles in sorted(titles_of.items())}


def _of(module: ast.Module) -> Iterator[tuple[str, str]]:
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id="Refused"), args=[code_node, title_node, *_]):
                code, title = _text(code_node, constants), _text(title_node, constants)
                if code and title:
                    yield code, title


def _text(node: ast.expr, constants: dict[str, ast.expr]) -> str | None:
    """What the expression says, with "…" for what is filled in. None: it is computed."""
    if isinstance(node, ast.Name) and node.id in constants:
        return _text(constants[node.id], {})
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return VALUE.sub("…", node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [_text(part, constants) or "…" for part in node.values]
        return "".join(parts)
    return None
