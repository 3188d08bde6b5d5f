"""Types are generated from the OpenAPI document, and a strict client that uses them compiles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.clients import node

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = node.installed("types")
    folder = node.copy(package, tmp_path_factory.mktemp("types") / "copy", package / "node_modules")
    document = SchemaGenerator().get_schema(request=None, public=True)
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    node.run(folder, "npm", "run", "generate")
    return folder


def test_a_strict_client_compiles(generated: Path) -> None:
    node.run(generated, "npm", "run", "check")


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
        with pytest.raises(AssertionError, match="error TS"):
            node.run(generated, "npm", "run", "check")
    finally:
        source.write_text(client, encoding="utf-8")
