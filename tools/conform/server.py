"""Puts the conformance server together: people, fronts and control, around a running stack."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from tools.conform.control import Control
from tools.conform.front import Front
from tools.conform.socket_front import StorySocket
from tools.conform.stage import Stage
from tools.conform.truth import Database
from tools.local.data_directory import CHECKOUT
from tools.local.errors import CannotStart
from tools.local.stack import Stack

# What web and live run with: a story does in a second what a phone does in a day.
QUICK = {"LIVE_HEARTBEAT": "2", "LIVE_CHECK": "0.5", "TRAFFIC_FACTOR": "1000"}
LONGEST_LINE = 2**20  # bytes of an answer of the people's process
ENDING = 10.0  # seconds that the people's process may take to end


class Ports(NamedTuple):
    """0 is any free port."""

    http: int = 0
    live: int = 0
    control: int = 0


@asynccontextmanager
async def serving(stack: Stack, ports: Ports) -> AsyncIterator[Control]:
    """Web and live of `stack` must run, on a migrated database that nobody needs."""
    database = Database(stack.variables["DATABASE_URL_OWNER"])
    async with (
        _people(stack) as people,
        Front(stack.web, ports.http) as front,
        StorySocket(stack.live, ports.live) as socket,
    ):
        where = {"home": f"http://127.0.0.1:{front.port}", "live": socket.url}
        new_stage = lambda: Stage(front, socket, database, people.call)  # noqa: E731
        async with Control(new_stage, where, ports.control) as control:
            yield control
    database.connection.close()


class PeopleProcess:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._one_at_a_time = asyncio.Lock()

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """The value of a method of People. Raises RuntimeError if the server refused."""
        # A story that is ended must not leave half a call in the pipe.
        return await asyncio.shield(self._call(name, arguments))

    async def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        assert self.process.stdin
        async with self._one_at_a_time:
            self.process.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
            return await self.value()

    async def value(self) -> Any:
        assert self.process.stdout
        line = await self.process.stdout.readline()
        if not line:
            raise CannotStart("The process of the stories' people has ended.")
        answer = json.loads(line)
        if "refused" in answer:
            raise RuntimeError(f"A story's act was refused: {answer['refused']}")
        return answer["value"]


@asynccontextmanager
async def _people(stack: Stack) -> AsyncIterator[PeopleProcess]:
    log = stack.log("people").open("wb")
    variables = {"DATABASE_ROLE": "jobs", "DJANGO_SETTINGS_MODULE": "server.settings"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tools.conform.people",
        cwd=CHECKOUT,
        env=stack.environment() | variables,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
        limit=LONGEST_LINE,
    )  # fmt: skip
    people = PeopleProcess(process)
    try:
        await people.value()
        yield people
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), ENDING)
        except TimeoutError:
            process.kill()
            await process.wait()
        log.close()
