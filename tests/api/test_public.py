"""What strangers learn about the inside of an installation: nothing, unless it asks for that."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from recovery.api.schema import _rendered

DOCUMENTS = ("/api/docs", "/api/schema", "/api/documents", "/api/asyncapi")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", DOCUMENTS)
def test_descriptions_of_the_api_are_served_only_if_asked_for(path: str, settings: Any) -> None:
    assert Client().get(path).status_code == 200
    settings.API_DOCS = False
    unknown = Client().get("/api/nothing")
    refused = Client().get(path)
    assert (refused.status_code, refused.content) == (404, unknown.content)


def test_production_does_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_DOCS")
    import importlib.util

    from server import settings

    spec = importlib.util.spec_from_file_location("fresh_settings", settings.__file__)
    assert spec
    assert spec.loader
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    assert fresh.API_DOCS is False
    assert fresh.STATICFILES_FINDERS == ["django.contrib.staticfiles.finders.FileSystemFinder"]
    served = {path.name for folder in fresh.STATICFILES_DIRS for path in folder.iterdir()}
    assert served == {"webapp", "console"}


def test_the_schema_is_made_once_for_each_form(monkeypatch: pytest.MonkeyPatch) -> None:
    _rendered.cache_clear()
    made: list[int] = []
    generate = SchemaGenerator.get_schema

    def counted(*args: Any, **options: Any) -> Any:
        made.append(1)
        return generate(*args, **options)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    as_json = [Client().get("/api/schema", headers={"Accept": "application/json"}) for _ in "ab"]
    as_yaml = [Client().get("/api/schema") for _ in "ab"]
    assert json.loads(as_json[0].content) == yaml.safe_load(as_yaml[0].content)
    assert (
        as_json[1].content == as_json[0].content == Client().get("/api/schema?format=json").content
    )
    assert as_json[0]["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert as_yaml[1]["Content-Type"].startswith("application/vnd.oai.openapi;")
    assert len(made) == 2


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
        ("198.51.100.7", {}, 404),
        ("10.0.0.1", {}, 404),
        ("", {}, 404),
    ],
)
def test_only_the_installation_itself_learns_what_is_down(
    address: str, headers: dict[str, str], status: int
) -> None:
    answer = Client(REMOTE_ADDR=address).get("/readyz", headers=headers)
    assert answer.status_code == status
    assert Client(REMOTE_ADDR=address).get("/healthz", headers=headers).status_code == 200


def test_an_installation_may_name_its_monitors_network(settings: Any) -> None:
    from ipaddress import ip_network

    settings.READYZ_FROM = [ip_network("10.0.0.0/8")]
    assert Client(REMOTE_ADDR="10.1.2.3").get("/readyz").status_code == 200
    assert Client().get("/readyz").status_code == 404
