"""The lines of "Five minutes" in docs/protocol.md, run against the real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.ana import BORN, Ana

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
SECTION = re.compile(r"^## Five minutes\n(.*?)^## ", re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_stranger_reaches_the_first_pull(ana: Ana) -> None:
    [section] = SECTION.findall(PAGE.read_text(encoding="utf-8"))
    variables, *lines = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert re.findall(r"(\w+)=", variables) == ["HOME_URL", "CODE", "BORN"]
    values = f"HOME_URL={ana.stack.web} CODE={ana.code} BORN={BORN}\n"
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail"],
        input=values + "".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    assert {scope["scope"].partition(":")[0] for scope in page["scopes"]} >= {"person"}
    assert page["has_more"] is False
