"""Rules ask for a duty. Only recovery/people/roles.py names the roles of staff."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from recovery.people.roles import STAFF_ROLES

ROOT = Path(__file__).parents[2]
HERE = "recovery/people/roles.py"
EXCEPTIONS = {
    "recovery/management/demonstration.py": "the keys of content/demonstration/*.yaml",
    "recovery/management/demonstration_file.py": "the keys that such a file may hold",
}
IN_SQL = re.compile(rf"'({'|'.join(STAFF_ROLES)})'")


def names_in(path: Path) -> Iterator[str]:
    """The names of staff roles that are string literals, in Python or in SQL."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        yield from IN_SQL.findall(text)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from [node.value] if node.value in STAFF_ROLES else IN_SQL.findall(node.value)


def files() -> Iterator[Path]:
    for package in ("recovery", "notifications"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in (".py", ".sql") and "migrations" not in path.parts:
                yield path


def test_only_one_module_names_the_roles_of_staff() -> None:
    places = {str(path.relative_to(ROOT)) for path in files() if any(names_in(path))}
    assert places == {HERE, *EXCEPTIONS}, "ask for a duty of recovery/people/roles.py instead"
