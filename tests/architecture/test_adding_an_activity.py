"""docs/adding-an-activity.md works as written: the test follows it in a copy of the tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copied_tree import ADDING_AN_ACTIVITY, add, blocks, copy_tree
from tests.servers import allow_scenes
from tools.local import data_directory, postgres, servers
from tools.local.data_directory import CHECKOUT

MAKE = re.compile(r"^```\nmake ([a-z ]+)\n```", re.MULTILINE)
MOST_FILES = 7
ITS_OWN = "tests/practice/test_gratitude.py"
GUARDS = (
    "tests/architecture/test_walls.py",
    "tests/architecture/test_published.py",
    "tests/architecture/test_roles.py",
    "tests/architecture/test_derived_docs.py",
    "tests/contract",
)
OF_CONTRACT = "gratitude or grateful or every_action_has or every_kind_that or architecture"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_tree(tmp_path)


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Separate PostgreSQL and Valkey servers, because the copy has a different database."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "DATABASE"))}
    with data_directory.temporary() as own, servers.running(own, {}, durable=False) as started:
        allow_scenes(postgres.of_running(own))
        yield inherited | started.variables


def run(command: list[str], tree: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-6000:]}"


@pytest.mark.soak
def test_an_activity_can_be_added_as_the_page_says(tree: Path, environment: dict[str, str]) -> None:
    for path, block in blocks().items():
        add(tree / path, block)
    [targets] = MAKE.findall((CHECKOUT / ADDING_AN_ACTIVITY).read_text(encoding="utf-8"))
    # All tools are installed beside the Python that runs this test.
    here = [f"BIN={Path(sys.executable).parent}", "INSTALLED=requirements.txt"]
    run(["make", *targets.split(), *here], tree, environment)
    assert list((tree / "recovery/migrations").glob("*_gratitudenote.py"))
    python = [sys.executable, "-m"]
    run([*python, "ruff", "check", "--select=F,E", *blocks()], tree, environment)
    pytest_ = [*python, "pytest", "-q", "-p", "no:xdist"]
    run([*pytest_, ITS_OWN, *GUARDS, "-k", OF_CONTRACT], tree, environment)


def test_an_activity_takes_few_files() -> None:
    assert len(blocks()) <= MOST_FILES
