"""A small HTTP/1.1 server that can do what no framework allows: drop a connection unanswered, or
cut an answer in half."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import h11

READ = 65_536
LARGEST = 12 * 2**20  # bytes of a body; a file has 10 MB at most


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def json(self) -> dict[str, Any]:
        return _json_object(self.body)


@dataclass(frozen=True)
class Response:
    """With `cut` the connection drops after half of the body."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    cut: bool = False

    @property
    def json(self) -> dict[str, Any]:
        return _json_object(self.body)


def _json_object(content: bytes) -> dict[str, Any]:
    """The content, or {} if it is no JSON object."""
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def json_response(status: int, body: Any, **headers: str) -> Response:
    kind = "application/problem+json" if status >= 400 else "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": kind, **named}, json.dumps(body).encode())


Handler = Callable[[Request], Awaitable[Response | None]]


class HttpServer:
    """Listens on loopback. If `handle` returns None, the connection is dropped."""

    def __init__(self, handle: Handler, port: int) -> None:
        self.handle, self.port = handle, port
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        connection = h11.Connection(h11.SERVER)
        try:
            # Cancelled when the server ends; Python 3.11 would print a traceback for it.
            with suppress(OSError, h11.ProtocolError, asyncio.CancelledError):
                while await self._answer_next(connection, reader, writer):
                    connection.start_next_cycle()
        finally:
            writer.transport.abort()

    async def _answer_next(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Returns False if the connection cannot be used again."""
        request = await _read(connection, reader, writer)
        response = await self.handle(request) if request else None
        if response is None:
            return False
        head = {k: v for k, v in response.headers.items() if k != "content-length"}
        head["content-length"] = str(len(response.body))
        parts = [
            connection.send(h11.Response(status_code=response.status, headers=list(head.items()))),
            connection.send(h11.Data(data=response.body)),
        ]
        text = b"".join(part or b"" for part in parts)
        if response.cut:
            writer.write(text[: len(text) - len(response.body) // 2 - 1])
            await writer.drain()
            writer.close()
            return False
        writer.write(text)
        connection.send(h11.EndOfMessage())
        await writer.drain()
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE


async def _read(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    """The next request, or None if there is none, or its body is too large."""
    head: h11.Request | None = None
    body = bytearray()
    while len(body) <= LARGEST:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                writer.write(connection.send(go_on) or b"")
            connection.receive_data(await reader.read(READ))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head:
            headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode(), headers, bytes(body))
        else:
            return None
    return None
