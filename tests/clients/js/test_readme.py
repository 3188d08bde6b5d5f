"""The ten minutes of clients/handrail-js/README.md, run against the real server."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from tests.cast import acknowledge, act
from tests.cast.groups import joining
from tests.cast.programme import NORTHLIGHT
from tests.cast.texts import load_wordings
from tests.clients.ana import BORN, Ana
from tests.clients.js.package import installed, typed
from tools import npm

pytestmark = pytest.mark.soak

BLOCK = re.compile(r"^```ts\n(.*?)^```", re.DOTALL | re.MULTILINE)


def in_a_group(ana: Ana) -> None:
    """As the demonstration people of `make run` are."""
    load_wordings()
    acknowledge(ana.user)
    dana, group, now = ana.dana, uuid7(), timezone.now()
    names = {"name": "Evening circle", "alias": "Dana"}
    act(dana, "groups.create", now=now, id=group, programme=NORTHLIGHT, **names)
    invited = act(dana, "groups.invite_member", now=now, group=group, record=ana.record)
    act(ana.user, "groups.join", now=now, **joining(invited.data["group_invitation"], "Fern"))


def test_the_ten_minutes(library: Path, ana: Ana, tmp_path: Path) -> None:
    in_a_group(ana)
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
