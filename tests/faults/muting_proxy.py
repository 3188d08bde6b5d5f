"""A Valkey proxy for web that loses every message about people and sign-ins.

Such a PUBLISH goes to a channel without listeners. Everything else passes unchanged.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from tests.faults.piping import until_either_ends

CONTROL = (b"user.", b"session.")


class MutingProxy:
    """`url` is set once started. `lost` counts the lost messages."""

    def __init__(self, valkey: str) -> None:
        self.valkey = urlsplit(valkey)
        self.lost = 0

    async def __aenter__(self) -> MutingProxy:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = self.valkey.geturl().replace(f":{self.valkey.port}/", f":{port}/")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _connected(self, web: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            server, onward = await asyncio.open_connection("127.0.0.1", self.valkey.port)
            await until_either_ends(self._commands(web, onward), _answers(server, back))
            onward.transport.abort()
        back.transport.abort()

    async def _commands(self, web: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            while True:
                command = [await _text(web) for _ in range(await _number(web))]
                onward.write(_command(self._muted(command)))

    def _muted(self, command: list[bytes]) -> list[bytes]:
        if command[0].upper() != b"PUBLISH" or not command[1].startswith(CONTROL):
            return command
        self.lost += 1
        return [command[0], b"nobody", command[2]]


async def _answers(server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await server.read(65_536):
            back.write(part)


async def _number(stream: asyncio.StreamReader) -> int:
    """The number after `*` or `$`, to the end of the line."""
    return int((await stream.readuntil(b"\r\n"))[1:])


async def _text(stream: asyncio.StreamReader) -> bytes:
    return (await stream.readexactly(await _number(stream) + 2))[:-2]


def _command(parts: list[bytes]) -> bytes:
    texts = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n" % len(parts) + texts
