"""Types are generated from the OpenAPI document, and a strict client that uses them compiles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from tools import npm
from tools.local.errors import CannotStart

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def generated() -> Iterator[Path]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    with npm.copied("types") as folder:
        (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        npm.run(npm.NPM, "run", "generate", cwd=folder)
        yield folder


def test_a_strict_client_compiles(generated: Path) -> None:
    npm.run(npm.NPM, "run", "check", cwd=generated)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("result.problem, result.current", "result.problm, result.current"),
        ("pushed.stopped.retry_after_ms", "pushed.stopped.retry_after_ms.length"),
        ("limits.mutations", "limits.mutation"),
        ("{ scope, purge } of page.drop", "{ scop, purge } of page.drop"),
        ("entry[3].mood", "entry[3].text"),
        ("args: { message, text }", "args: { message }"),
        ("'/api/v1/sync/push'", "'/api/v1/sync/puhs'"),
    ],
)
def test_what_is_wrong_does_not_compile(generated: Path, right: str, wrong: str) -> None:
    source = generated / "src" / "client.ts"
    client = source.read_text(encoding="utf-8")
    assert right in client
    source.write_text(client.replace(right, wrong), encoding="utf-8")
    try:
        with pytest.raises(CannotStart, match="error TS"):
            npm.run(npm.NPM, "run", "check", cwd=generated)
    finally:
        source.write_text(client, encoding="utf-8")
