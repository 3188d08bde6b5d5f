"""A conformance server for this folder's tests, on this worker's own database."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from tests.databases import empty
from tools.conform.server import QUICK, Ports, serving
from tools.local import data_directory
from tools.local.stack import Stack, running

PATIENCE = 120.0  # seconds until the server is ready


@pytest.fixture(scope="module")
def control(django_db_setup: set[str]) -> Iterator[str]:
    """The URL of the control API. All tables are emptied after the module."""
    with pytest.MonkeyPatch.context() as patch, data_directory.temporary() as directory:
        for name, value in QUICK.items():
            patch.setenv(name, value)
        names = ("web", "live")
        with running(
            directory, environ=os.environ, names=names, migrate=False, data=False
        ) as stack:
            with _Serving(stack) as url:
                yield url
    empty(django_db_setup)


class _Serving:
    """The server in a thread of its own, as pytest's event loops are one for each test."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ready = threading.Event()
        self.url = ""
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> str:
        self.thread.start()
        assert self.ready.wait(PATIENCE)
        assert self.url, "the conformance server did not start"
        return self.url

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join()

    async def _serve(self) -> None:
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with serving(self.stack, Ports()) as control:
                self.url = f"http://127.0.0.1:{control.port}"
                self.ready.set()
                await self.ended.wait()
        finally:
            self.ready.set()
