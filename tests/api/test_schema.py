"""The OpenAPI document is complete, and no request, valid or invalid, makes the server fail."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from recovery.actions.registry import ACTIONS
from recovery.api.actions import INTERNAL
from recovery.feed.documents import KINDS
from tests.architecture.urls import WEB_APP, urls
from tests.cast import FakePhone, make_user
from tools.local import data_directory, stack

# Not described: health checks for the platform, and documents about the API itself.
NOT_DESCRIBED = ("healthz", "readyz", "api/")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

document = SchemaGenerator().get_schema(request=None, public=True)


def without_tuples(part: Any) -> Any:
    """The document with lists for its tuples, which schemathesis cannot check in responses."""
    if isinstance(part, list):
        return [without_tuples(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    plain = {name: without_tuples(inner) for name, inner in part.items()}
    if isinstance(plain.get("prefixItems"), list):
        plain["items"] = {"anyOf": plain.pop("prefixItems")}
    return plain


schema = schemathesis.openapi.from_dict(without_tuples(document))


def test_every_public_url_is_documented() -> None:
    urls_served = urls(get_resolver().url_patterns)
    served = {
        url for url in urls_served if url.startswith("api/v1") or not url.startswith(NOT_DESCRIBED)
    } - WEB_APP
    described = {path.lstrip("/") for path in document["paths"]}
    normal = {url.replace("<uuid:", "{").replace("<str:", "{").replace(">", "}") for url in served}
    assert normal == described


def test_every_action_has_a_url_of_its_own() -> None:
    public = {name for name, action in ACTIONS.items() if action.allow not in INTERNAL}
    assert {f"/api/v1/actions/{name}" for name in public} <= set(document["paths"])


def test_no_description_names_what_only_the_source_has() -> None:
    inner = re.compile(r"\b(recovery|foundation|server)\.\w|\b[A-Z]\w+\.[a-z_]{3,}|\.py\b|_of\b")
    assert [text for text in _descriptions(document) if inner.search(text)] == []


def _descriptions(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "description" and isinstance(inner, str):
                yield inner
            yield from _descriptions(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _descriptions(inner)


def test_types_can_be_generated() -> None:
    """What a generator needs: a server, and a reference or a type for every part of the sync."""
    assert document["servers"]
    schemas = document["components"]["schemas"]
    assert len(schemas["Entry"]["oneOf"]) == len(KINDS)
    public = {name for name, action in ACTIONS.items() if action.allow not in INTERNAL}
    assert schemas["Mutation"]["discriminator"]["mapping"].keys() == public
    for ref in schemas["Mutation"]["discriminator"]["mapping"].values():
        assert ref.rpartition("/")[2] in schemas


def test_the_document_is_generated_without_a_warning(tmp_path: Path) -> None:
    """For example, two components of one name, of which the document would show only one."""
    call_command("spectacular", "--fail-on-warn", file=str(tmp_path / "schema.yml"))


@pytest.fixture
def web(committed_db: None) -> Iterator[str]:
    """The real web process, on this worker's database."""
    with (
        data_directory.temporary() as held,
        stack.running(held, environ=os.environ, names=("web",), data=False) as house,
    ):
        yield house.web


def fuzz(web: str, examples: int) -> None:
    """Send valid and invalid requests to every operation."""
    caller = FakePhone(make_user(email="someone@example.org"))
    caller.register()
    for operation in schema.get_all_operations():
        _fuzz_one(operation.ok(), web, caller, examples)


def _fuzz_one(operation: Any, web: str, caller: FakePhone, examples: int) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate])
    def ask(case: Case) -> None:
        signed_in = {"Authorization": f"Bearer {caller.tokens['access_token']}"}
        case.call_and_validate(base_url=web, headers=signed_in, checks=CHECKS)

    ask()


def test_no_request_makes_the_server_fail(web: str) -> None:
    fuzz(web, examples=3)


@pytest.mark.soak
def test_none_of_many_requests_makes_the_server_fail(web: str) -> None:
    fuzz(web, examples=60)
