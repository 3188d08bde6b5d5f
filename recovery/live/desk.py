"""The console's socket. It says only which lists have changed: `{"t": "changed", "lists": […]}`, by
the names of their scopes. The page then asks for itself, as the person who looks at it.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from recovery.live import handshake
from recovery.live.app import Disconnected, Receive, recycle_at, require_room, until_closed
from recovery.live.close_codes import CloseCode, SocketClosed
from recovery.live.handshake import Headers
from recovery.live.hub import Hub
from recovery.live.send_queue import Send, SendQueue
from recovery.live.socket import Identity, Socket

PROTOCOL = "handrail.desk.v1"
HELLO = '{"t":"hello"}'
# Whatever the page shows may have changed.
ALL = "all"


class ListQueue(SendQueue):
    """Takes the frames of phones, and sends the names of the scopes in them."""

    __slots__ = ()

    def put(self, frame: str, size: int = 64) -> None:
        if lists := changed(json.loads(frame)):
            super().put(json.dumps({"t": "changed", "lists": lists}, separators=(",", ":")))


def changed(frame: dict[str, Any]) -> list[str]:
    """The scopes that a phone's frame says have changed."""
    match frame["t"]:
        case "c":
            return [frame["s"]]
        case "h":
            return list(frame["heads"])
        case "scopes" | "resync":
            return [ALL]
    return []


class DeskSocket:
    """The ASGI application. It shares the `hub` of the phones' sockets."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        headers = Headers(scope["headers"], (scope.get("client") or ("",))[0])
        if not headers.is_of_the_console or PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        queue = ListQueue(send)
        await until_closed(queue, self._serve(headers, receive, queue))

    async def _serve(self, headers: Headers, receive: Receive, queue: ListQueue) -> None:
        require_room(self.hub)
        with self.hub.admission():
            now = datetime.now(UTC)
            session = await handshake.of_the_desk(self.hub, headers, now)
            # Each page has a socket of its own.
            identity = Identity(session.user_id, session.session_id, uuid.uuid4(), inline=False)
            socket = Socket(identity, queue, session.expires_at, recycle_at(now))
            try:
                await self.hub.join(socket, [])
            except BaseException:
                self.hub.leave(socket)
                raise
            queue.start(HELLO)
        try:
            event = await receive()
        finally:
            self.hub.leave(socket)
        if event["type"] == "websocket.disconnect":
            raise Disconnected
        # A page has nothing to say.
        raise SocketClosed(CloseCode.BAD_MESSAGE)
