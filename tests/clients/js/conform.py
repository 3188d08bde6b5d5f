"""Stories of `make conform`, played by the TypeScript phone in a process of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tools import npm

LONGEST = 300.0  # seconds for one client


def play(library: Path, control: str, *stories: str) -> list[dict[str, Any]]:
    """The verdicts on the library in this folder."""
    done = subprocess.run(
        [npm.NODE, "--disable-warning=ExperimentalWarning", "test/conform.ts", control, *stories],
        cwd=library,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
