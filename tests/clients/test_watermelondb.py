"""The WatermelonDB adapter in Node, against the real server and docs/vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients import node
from tests.clients.ana import BORN, Ana
from tests.clients.node import run
from tools.local import data_directory

pytestmark = [pytest.mark.soak, *node.NEEDED]


@pytest.fixture(scope="module")
def installed() -> Path:
    folder = node.installed("watermelondb")
    run(folder, "npm", "run", "build")
    return folder


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
