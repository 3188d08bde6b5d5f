"""The WatermelonDB adapter in Node, against the real server and docs/vectors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.ana import BORN, Ana
from tools.local import data_directory

SOURCE = data_directory.CHECKOUT / "clients" / "watermelondb"
BUILT = ("node_modules", "dist")

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not shutil.which("node"), reason="Node 20 or newer is not installed"),
    pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed"),
]


@pytest.fixture(scope="module")
def installed() -> Path:
    """A copy under .local with its locked packages, so that nothing is installed in the tree."""
    folder = data_directory.HOME / "watermelondb"
    for path in folder.glob("*"):
        if path.name != "node_modules":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns(*BUILT), dirs_exist_ok=True)
    run(folder, "npm", "ci", "--no-audit", "--no-fund")
    run(folder, "npm", "run", "build")
    return folder


def run(folder: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_it_conforms_to_the_vectors(installed: Path) -> None:
    vectors = str(data_directory.CHECKOUT / "docs" / "vectors")
    output = run(installed, "node", "--test", "dist/test/vectors.test.js", HANDRAIL_VECTORS=vectors)
    assert "vector first-sync" in output


def test_a_phone_with_it_survives_a_bad_network(installed: Path, ana: Ana) -> None:
    output = run(
        installed,
        "node",
        "--test",
        "dist/test/server.test.js",
        HANDRAIL_URL=ana.stack.web,
        HANDRAIL_CODE=ana.code,
        HANDRAIL_BORN=BORN,
        HANDRAIL_CHECK_IN=json.dumps(ana.check_in()),
    )
    assert "# SKIP" not in output
