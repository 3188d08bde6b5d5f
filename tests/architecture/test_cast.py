"""The tests have one cast and one instant, see tests/cast, and no test file is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
SOURCES = {path.relative_to(TESTS): ast.parse(path.read_text()) for path in TESTS.rglob("*.py")}
CAST = Path("cast/acting.py")


def test_no_test_file_is_imported() -> None:
    """Code shared by test files belongs in a module of its own or in tests/cast."""
    imports = [
        f"{path}:{node.lineno}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if any(part.startswith("test_") for name in imported(node) for part in name.split("."))
    ]
    assert imports == []


def test_now_is_assigned_once() -> None:
    places = {path for path, tree in SOURCES.items() if "NOW" in assigned(tree)}
    assert places == {CAST}


def imported(node: ast.AST) -> Iterator[str]:
    """The names of the modules that a statement may import."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        package = "." * node.level + (node.module or "")
        yield package
        # `from tests.api import test_sync`; functions of that name are not modules of ours.
        if package.startswith((".", "tests")):
            yield from (alias.name for alias in node.names)


def assigned(tree: ast.Module) -> set[str]:
    """Every name bound anywhere in a file, except by an import."""
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}
