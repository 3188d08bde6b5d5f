"""docs/security.md and docs/reliability.md have every row, and each names tests that exist.

A row without a test says why it cannot apply, or what is not shown.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
import yaml

from tests.architecture.collected import collect
from tools.local.data_directory import CHECKOUT

ROWS = {"security.md": 73, "reliability.md": 26}
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py::\w+)`")
RULE = re.compile(r"rule `([\w-]+)`")
FEATURES = CHECKOUT / "docs" / "features.md"
REASONS = ("Does not apply:", "Not shown:")


@cache
def rows(page: str) -> list[tuple[int, str]]:
    """Each row's number and the cell that says what shows it."""
    text = (CHECKOUT / "docs" / page).read_text(encoding="utf-8")
    return [(int(row[0]), row[3].strip()) for row in ROW.findall(text)]


@cache
def named() -> set[str]:
    listed = {test for page in ROWS for _, cell in rows(page) for test in TEST.findall(cell)}
    return listed | set(TEST.findall(FEATURES.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", ROWS)
def test_every_row_is_there_once(page: str) -> None:
    assert [number for number, _ in rows(page)] == list(range(1, ROWS[page] + 1))


@pytest.mark.parametrize("page", ROWS)
def test_each_row_names_a_test_or_says_why_it_has_none(page: str) -> None:
    silent = [
        number
        for number, cell in rows(page)
        if not TEST.search(cell) and not cell.startswith(REASONS)
    ]
    assert silent == []


@pytest.mark.parametrize("page", ROWS)
def test_a_test_is_named_in_full(page: str) -> None:
    """So that no name escapes the guard below."""
    for number, cell in rows(page):
        assert cell.count("test_") == sum(name.count("test_") for name in TEST.findall(cell)), (
            number
        )


def test_every_test_that_is_named_is_collected_and_not_skipped() -> None:
    skipped = collect({test.partition("::")[0] for test in named()})
    assert named() - skipped.keys() == set()
    assert {test for test in named() if skipped[test]} == set()


@pytest.mark.parametrize("page", ROWS)
def test_every_rule_that_is_named_exists(page: str) -> None:
    text = (CHECKOUT / "tools" / "checks" / "rules.yml").read_text(encoding="utf-8")
    known = {rule["id"] for rule in yaml.safe_load(text)["rules"]}
    assert {rule for _, cell in rows(page) for rule in RULE.findall(cell)} <= known
