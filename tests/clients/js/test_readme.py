"""The ten minutes of clients/handrail-js/README.md, run against the real server."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from tests.clients.ana import BORN, Ana, confirm_notice, join_group
from tests.clients.js.package import installed, typed
from tools import npm

pytestmark = pytest.mark.soak

BLOCK = re.compile(r"^```ts\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_ten_minutes(library: Path, ana: Ana, tmp_path: Path) -> None:
    # As the demonstration people of `make run` are in one.
    confirm_notice(ana)
    join_group(ana)
    readme = (library / "README.md").read_text(encoding="utf-8")
    app = installed(library, tmp_path)
    (app / "start.ts").write_text(BLOCK.findall(readme)[0], encoding="utf-8")
    typed(library, app, "start.ts")
    output = npm.run(
        "start.ts",
        cwd=app,
        HOME_URL=ana.stack.web,
        LIVE_URL=ana.stack.live,
        CODE=ana.code,
        BORN=BORN,
        KEY=base64.b64encode(bytes(32)).decode(),
    )
    lines = output.splitlines()
    assert lines.index("waiting") < lines.index("sent Good morning")
