"""The packages of clients/ that need Node: install them as they are locked, and run them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.local import data_directory

CLIENTS = data_directory.CHECKOUT / "clients"
BUILT = ("node_modules", "dist")
NEEDED = [
    pytest.mark.skipif(not shutil.which("node"), reason="Node 20 or newer is not installed"),
    pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed"),
]


def installed(name: str) -> Path:
    """A copy under .local with its locked packages, so that nothing is installed in the tree."""
    folder = data_directory.HOME / name
    for path in folder.glob("*"):
        if path.name != "node_modules":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(
        CLIENTS / name, folder, ignore=shutil.ignore_patterns(*BUILT), dirs_exist_ok=True
    )
    run(folder, "npm", "ci", "--no-audit", "--no-fund")
    return folder


def run(folder: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-2000:]}"
    return done.stdout
