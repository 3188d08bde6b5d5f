"""Django's handler, and how server.web calls it: a request and its answer as plain values."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
application = get_wsgi_application()

ALWAYS: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
UNPREFIXED = {b"content-type": "CONTENT_TYPE"}


class Answer(NamedTuple):
    """A complete HTTP response. Names of headers are in lower case, as ASGI wants them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def environ(scope: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of an ASGI request whose body is complete."""
    host, port = scope.get("server") or ("localhost", 0)
    return {
        **ALWAYS,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        **_headers(scope["headers"]),
        "CONTENT_LENGTH": str(len(body)),
    }


def run(environment: dict[str, Any]) -> Answer:
    """Django's answer. A stream is read to its end, so that the thread is free for the next
    request before the first byte is sent."""
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        head[:] = int(status[:3]), headers

    # Django calls it once and never uses the old way of writing that it would return.
    response = application(environment, start_response)  # type: ignore[arg-type]
    try:
        body = b"".join(response)
    finally:
        response.close()
    return Answer(head[0], encoded(head[1]), body)


def encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    environ: dict[str, str] = {}
    for name, value in pairs:
        # X_Forwarded_For would arrive under the same key as X-Forwarded-For, which a proxy vouches
        # for.
        if b"_" in name:
            continue
        key = UNPREFIXED.get(name) or f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        environ[key] = text
    environ.pop("HTTP_CONTENT_LENGTH", None)
    return environ
