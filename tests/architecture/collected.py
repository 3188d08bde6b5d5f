"""`python -m tests.architecture.collected FILE...`: the tests in these files, as JSON on the last
line: each test's id, and whether it is skipped here. Nothing is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable

import pytest

from tools.local.data_directory import CHECKOUT


class Collector:
    def __init__(self) -> None:
        self.skipped: dict[str, bool] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self.skipped[item.nodeid] = is_skipped(item)


def is_skipped(item: pytest.Item) -> bool:
    """By a mark. What a test skips while it runs says so in its reason."""
    always = item.get_closest_marker("skip") is not None
    conditions = [mark.args for mark in item.iter_markers("skipif")]
    return always or any(bool(args) and args[0] is True for args in conditions)


def collect(files: Iterable[str]) -> dict[str, bool]:
    """By test: whether all of its cases are skipped. Its id is `path::name`, without parameters."""
    command = [sys.executable, "-m", "tests.architecture.collected", *sorted(files)]
    # As a worker of this run: it starts no servers of its own, and asks those of this run nothing.
    environment = os.environ | {"PYTEST_XDIST_WORKER": "collecting"}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    present: dict[str, bool] = {}
    for nodeid, skipped in json.loads(done.stdout.splitlines()[-1]).items():
        path, name = nodeid.partition("[")[0].split("::")[:2]
        present[f"{path}::{name}"] = present.get(f"{path}::{name}", True) and skipped
    return present


def main() -> int:
    collector = Collector()
    options = [
        "--collect-only",
        "-q",
        "-q",
        "-n",
        "0",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
    ]
    code = pytest.main([*options, *sys.argv[1:]], plugins=[collector])
    print(json.dumps(collector.skipped))  # read by collect()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
