"""The phone app's own files: at which paths, with which headers, and how they are ended."""

from __future__ import annotations

import gzip
import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as installed
from django.test import Client
from django.urls import clear_url_caches, resolve
from django.urls.exceptions import Resolver404

import server.urls
from recovery.webapp.built import FOLDER, index
from recovery.webapp.urls import FIRST_WORDS
from tests.cast import answer
from tools.local.data_directory import CHECKOUT

ROUTER = CHECKOUT / "clients" / "web" / "src" / "shell" / "router.ts"
OWN = ("/", "/sw.js", "/manifest.webmanifest")
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:",
    "media-src 'self' blob:", "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", "trusted-types handrail-sw",
}  # fmt: skip
ALLOWED = {"camera=(self)", "microphone=(self)"}
LANGUAGES = ("en", "es")


def patterns() -> list[str]:
    """The values of PATHS in the app's router."""
    source = ROUTER.read_text(encoding="utf-8")
    paths = source[source.index("PATHS = {") : source.index("} as const")]
    return re.findall(r": '(/[^']*)'", paths)


def test_the_first_words_are_those_of_the_router() -> None:
    words = {pattern.split("/")[1] for pattern in patterns()} - {""}
    assert len(patterns()) > len(words) > 5
    assert set(FIRST_WORDS) == words


@pytest.mark.parametrize("pattern", patterns())
def test_every_path_of_the_app_answers_the_page(pattern: str) -> None:
    path = re.sub(r":\w+", "0f-1%3A2", pattern)
    response = Client().get(path)
    assert response.status_code == 200
    assert response.content == Client().get("/").content


@pytest.mark.parametrize(
    "path", ["/nothing", "/mee", "/index.html", "/me/x.js", "/help.html", "/api", "/api/v1/nothing"]
)
def test_every_other_path_is_a_problem(path: str) -> None:
    assert answer(Client().get(path), 404)["code"] == "not_found"


@pytest.mark.parametrize("path", OWN)
def test_the_headers(path: str) -> None:
    response = Client().get(path)
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    features = response["Permissions-Policy"].split(", ")
    assert {each for each in features if not each.endswith("=()")} == ALLOWED


@pytest.mark.parametrize("path", OWN)
def test_the_pages_are_compressed(path: str) -> None:
    plain = Client().get(path)
    small = Client().get(path, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert int(small["Content-Length"]) == len(small.content) < len(plain.content)
    for response in (plain, small):
        assert "Accept-Encoding" in response["Vary"]
        assert response["Cache-Control"] == "no-store"
        assert set(response["Content-Security-Policy"].split("; ")) == POLICY


def test_the_worker_is_for_this_page() -> None:
    worker = Client().get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert b"REVISION_OF_THE_PAGE" not in worker.content


def test_the_page_names_only_what_is_built() -> None:
    page = Client().get("/").content.decode()
    files = re.findall(r'"/static/webapp/([^"]+)"', page)
    assert {name.rpartition(".")[2] for name in files} == {"js", "css", "svg"}
    assert [name for name in files if not (FOLDER / name).exists()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["", *index()["names"]])
def test_a_name_on_the_home_screen(name: str, language: str) -> None:
    headers = {"Accept-Language": f"{language}-US,en;q=0.5"}
    response = Client().get(
        "/manifest.webmanifest", {"name": name} if name else {}, headers=headers
    )
    assert response["Content-Type"] == "application/manifest+json"
    assert "Accept-Language" in response["Vary"]
    manifest = json.loads(response.content)
    title = index()["names"][name or next(iter(index()["names"]))][language]
    assert (manifest["name"], manifest["short_name"], manifest["lang"]) == (title, title, language)
    assert (manifest["id"], manifest["start_url"], manifest["display"]) == ("/", "/", "standalone")
    for icon in manifest["icons"]:
        picture = (FOLDER / icon["src"].rpartition("/")[2]).read_bytes()
        width, height = picture[16:20], picture[20:24]  # of a PNG
        assert icon["sizes"] == f"{int.from_bytes(width)}x{int.from_bytes(height)}"


def test_an_unknown_name_is_a_problem() -> None:
    assert answer(Client().get("/manifest.webmanifest?name=recovery"), 404)["code"] == "not_found"


def test_built_files_stay_and_are_no_one_elses() -> None:
    response = Client().get(f"/static/webapp/{index()['script']}")
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response
    for name in ("index.json", "service_worker.js"):
        assert "immutable" not in Client().get(f"/static/webapp/{name}")["Cache-Control"]


def test_a_retired_app_ends_its_worker_and_keeps_what_was_written(settings: Any) -> None:
    settings.WEB_APP = "retired"
    source = Client().get("/sw.js").content.decode()
    assert "registration.unregister()" in source
    assert "caches.delete" in source
    assert "indexedDB" not in source


@pytest.fixture
def without_the_app(settings: Any) -> Iterator[None]:
    settings.WEB_APP = "off"
    importlib.reload(server.urls)
    clear_url_caches()
    yield
    settings.WEB_APP = "on"
    importlib.reload(server.urls)
    clear_url_caches()


@pytest.mark.usefixtures("without_the_app")
def test_an_installation_without_the_app() -> None:
    for path in (*OWN, "/me"):
        with pytest.raises(Resolver404):
            resolve(path, installed.ROOT_URLCONF)
        assert answer(Client().get(path), 404)["code"] == "not_found"
    assert Client().get("/healthz").status_code == 200
