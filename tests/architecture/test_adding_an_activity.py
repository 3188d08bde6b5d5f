"""docs/adding-an-activity.md works as written: the test follows it in a copy of the tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.servers import allow_scenes
from tools.local import data_directory, postgres, servers
from tools.local.data_directory import CHECKOUT

PAGE = "docs/adding-an-activity.md"
# The line before a block ends with the path of the file that the block belongs to.
PYTHON = re.compile(r"^[^\n]* ([\w/]+\.py):?\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"^```\nmake ([a-z ]+)\n```", re.MULTILINE)
IMPORTS = re.compile(r"(?:from [^\n]+\n)+")
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


def blocks() -> dict[str, str]:
    text = (CHECKOUT / PAGE).read_text(encoding="utf-8")
    pairs = PYTHON.findall(text)
    assert len(pairs) == text.count("```python"), "each block follows the path of its file"
    return dict(pairs)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the current tree."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=CHECKOUT, text=True).split("\0"):
        if (CHECKOUT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            copyfile(CHECKOUT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Separate PostgreSQL and Valkey servers, because the copy has a different database."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "DATABASE"))}
    with data_directory.temporary() as own, servers.running(own, {}, durable=False) as started:
        allow_scenes(postgres.of_running(own))
        yield inherited | started.variables


def add(path: Path, block: str) -> None:
    """Create a new file. In an existing file, merge the imports and append the rest."""
    if not path.exists():
        path.write_text(block, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    imports = match[0] if (match := IMPORTS.match(block)) else ""
    before, start, after = text.partition("\nfrom recovery")
    text = f"{before}\n{imports}{start.lstrip()}{after}\n{block.removeprefix(imports)}"
    path.write_text(text, encoding="utf-8")


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


def test_an_activity_can_be_added_as_the_page_says(tree: Path, environment: dict[str, str]) -> None:
    for path, block in blocks().items():
        add(tree / path, block)
    [targets] = MAKE.findall((CHECKOUT / PAGE).read_text(encoding="utf-8"))
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
