"""SQL follows the import layers: it names only objects of its own package or a lower one.

import-linter sees no SQL. The order is that of pyproject.toml's layers.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT: Path = settings.BASE_DIR
# Upward references, each with its reason. An unneeded entry fails the test too.
EXCEPTIONS = {
    ("notifications/sql/expand.sql", "recovery_membership"): (
        "Recipients are the members at the moment a push is due. The pump may run this function,"
        " and only this function knows memberships."
    ),
    **dict.fromkeys(
        (
            ("notifications/sql/expand.sql", "recovery_devicesession"),
            ("notifications/sql/expand.sql", "recovery_user"),
            ("notifications/sql/expand.sql", "session_state"),
        ),
        "A push goes only to phones whose session lives at the moment it is due.",
    ),
    ("recovery/feed/sql/pull.sql", "recovery_receipt"): (
        "The results of a phone's mutations travel with the page, in the same snapshot."
    ),
}
STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b")
DEFINED = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)")


def package(path: Path) -> str:
    """`recovery.feed`, `notifications` …"""
    parts = path.relative_to(ROOT).parts
    return ".".join(parts[:2]) if parts[0] == "recovery" else parts[0]


def layers() -> list[set[str]]:
    """The layers, highest first. Packages of one layer may not know each other."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [house] = [contract for contract in config["contracts"] if contract["id"] == "house"]
    return [set(re.findall(r"[\w.]+", layer)) for layer in house["layers"]]


LAYERS = {name: depth for depth, names in enumerate(layers()) for name in names}
SQL_FILES = sorted([*ROOT.glob("recovery/*/sql/*.sql"), *ROOT.glob("notifications/sql/*.sql")])
OWNERS = {
    model._meta.db_table: package(ROOT / model.__module__.replace(".", "/"))
    for model in apps.get_models()
    if model._meta.app_label in ("recovery", "notifications")
} | {name: package(path) for path in SQL_FILES for name in DEFINED.findall(path.read_text())}
NAME = re.compile(rf"\b({'|'.join(OWNERS)})\b")


def constants() -> Iterator[tuple[Path, str]]:
    """Every string in the product's Python that holds a SQL statement."""
    for path in sorted([*ROOT.glob("recovery/**/*.py"), *ROOT.glob("notifications/**/*.py")]):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and STATEMENT.search(text):
                yield path, text


def statements() -> Iterator[tuple[Path, str]]:
    for path in SQL_FILES:
        yield path, re.sub(r"--.*", "", path.read_text())
    yield from constants()


def upward_reaches() -> set[tuple[str, str]]:
    """Pairs of a file and a name that belongs to a package above or beside its own."""
    return {
        (str(path.relative_to(ROOT)), name)
        for path, text in statements()
        for name in NAME.findall(text)
        if OWNERS[name] != package(path) and not is_below(OWNERS[name], package(path))
    }


def is_below(lower: str, upper: str) -> bool:
    """Management commands and the Django app's own modules may know every package."""
    return upper not in LAYERS or LAYERS[lower] > LAYERS[upper]


def test_sql_names_only_its_own_or_lower_packages() -> None:
    assert upward_reaches() == set(EXCEPTIONS)


def test_every_table_and_every_function_has_an_owner_in_the_layers() -> None:
    assert {owner for owner in OWNERS.values() if owner not in LAYERS} == set()


@pytest.mark.parametrize(
    ("lower", "upper"), [("recovery.feed", "recovery.actions"), ("notifications", "recovery.feed")]
)
def test_the_order_is_that_of_the_imports(lower: str, upper: str) -> None:
    assert is_below(lower, upper)
    assert not is_below(upper, lower)
