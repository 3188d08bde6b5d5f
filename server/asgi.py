"""The live sockets, served by uvicorn. Everything else is in server.web."""

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from recovery.live.app import LiveSocket, Receive  # noqa: E402  # needs the settings
from recovery.live.desk import DeskSocket  # noqa: E402
from recovery.live.hub import Hub  # noqa: E402
from recovery.live.process import Lifespan  # noqa: E402
from recovery.live.send_queue import Send  # noqa: E402

hub = Hub()


async def health(scope: dict[str, Any], _receive: Receive, send: Send) -> None:
    """GET /healthz: 200 while the process accepts sockets, 503 while it drains."""
    is_health = scope["path"] == "/healthz"
    status = 404 if not is_health else 503 if hub.draining else 200
    body = b"ok" if status == 200 else b""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def reject(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Close sockets at any other path."""
    await receive()
    await send({"type": "websocket.close"})


application = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [
                path("ws/v1/live", LiveSocket(hub)),  # type: ignore[arg-type]  # ASGI, not a view
                path("ws/v1/desk", DeskSocket(hub)),  # type: ignore[arg-type]
                re_path("", reject),  # type: ignore[arg-type]
            ]
        ),
        "http": health,
        "lifespan": Lifespan(hub),
    }
)
