"""Stacks that belong to one test, which may break them."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.architecture.canaries import check_output
from tests.faults.circle import Circle, Member
from tools.local import data_directory, postgres, processes
from tools.local.data_directory import CHECKOUT
from tools.local.servers import DATABASE
from tools.local.stack import LISTENING, Stack, running

COMMAND_SECONDS = 600.0  # enough for a busy machine
DRAINED_WITHIN = 30.0  # seconds
GIVE_UP = 300.0  # seconds until something that was started again must work
ASK_FOR_CODE = "/auth/app/v1/auth/code/request"


@contextmanager
def own_servers() -> Iterator[Stack]:
    """Durable servers and a migrated database. The FCM simulator is our only running process."""
    with data_directory.temporary() as directory:
        with running(directory, environ={}, names=("fcm",), data=False) as stack:
            try:
                yield stack
            finally:
                # A test may have started them again, as processes of its own.
                for name in ("postgres", "valkey"):
                    processes.stop(stack.running[name], signal.SIGINT)


@contextmanager
def started(
    servers: Stack, *names: str, wait: bool = True, code: Path = CHECKOUT, **changed: str
) -> Iterator[Stack]:
    """Run these processes of the Procfile on ports of their own, with `changed` in their
    environment. Without `wait` the block begins while they are still starting. `code` is the tree
    that they run."""
    ports = {name: data_directory.free_port() for name in LISTENING} | {"fcm": servers.ports["fcm"]}
    own = {
        "GRANIAN_PORT": str(ports["web"]),
        "UVICORN_PORT": str(ports["live"]),
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
    }
    stack = Stack(servers.directory, ports, servers.variables | own | changed, {}, code)
    try:
        for name in names:
            stack.start(name)
        if wait:
            stack.wait_until_ready()
        yield stack
    finally:
        for process in stack.running.values():
            processes.stop(process, seconds=15)
    for log in map(stack.log, names):
        if log.is_file():  # a test may put a device in its place
            check_output(log)


async def end(stack: Stack, name: str) -> list[str]:
    """Send a process SIGTERM. Returns the breaches of the promises."""
    process, began = stack.running.pop(name), time.monotonic()
    process.terminate()
    while process.poll() is None:
        await asyncio.sleep(0.02)
    seconds = time.monotonic() - began
    # Uvicorn raises the signal again after its shutdown.
    if process.returncode in (0, -signal.SIGTERM) and seconds <= DRAINED_WITHIN:
        return []
    return [f"{name} ended with {process.returncode} after {seconds:.1f} s"]


def ended_early(stack: Stack) -> list[str]:
    """The breach of the promises if a process has ended by itself."""
    return [f"{name} ended"] if (name := stack.first_to_end()) else []


async def get(stack: Stack, path: str) -> int:
    """The status of web's answer."""
    async with httpx.AsyncClient(timeout=30) as client:
        return (await client.get(stack.web + path)).status_code


async def seconds_until_healthy(stack: Stack) -> float:
    began = time.monotonic()
    async with asyncio.timeout(GIVE_UP):
        while await get(stack, "/readyz") != 200:
            await asyncio.sleep(0.05)
    return time.monotonic() - began


def make_circle(stack: Stack, size: int) -> Circle:
    """A group of `size` people with signed-in phones in the stack's database."""
    circle = json.loads(_python(stack, "jobs", "-m", "tests.faults.make_circle", str(size)))
    members = [Member(group=circle["group"], **member) for member in circle["members"]]
    return Circle(circle["group"], members)


def make_crowd(stack: Stack, groups: int, size: int) -> str:
    """Groups of signed-in phones with only what the live tier reads; see make_crowd.py."""
    return _python(stack, "jobs", "-m", "tests.faults.make_crowd", str(groups), str(size))


def make_session(stack: Stack, circle: Circle, leader: Member, minutes: int) -> None:
    """A session of the group, `minutes` from now. Its members are reminded an hour before."""
    users = [member.user for member in circle.members]
    arguments = [circle.group, leader.user, str(minutes), *users]
    _python(stack, "jobs", "-m", "tests.faults.make_session", *arguments)


def manage(stack: Stack, role: str, *command: str) -> str:
    """The output of a management command."""
    return _python(stack, role, "manage.py", *command)


def _python(stack: Stack, role: str, *arguments: str) -> str:
    return run(
        [sys.executable, *arguments],
        cwd=stack.code,
        env=stack.environment() | {"DATABASE_ROLE": role},
    )


def run(command: list[str], **options: Any) -> str:
    """The output of a command. If it fails, the test fails with its error output."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def url(stack: Stack, role: str = postgres.SUPERUSER) -> str:
    """The URL of PostgreSQL itself, bypassing every proxy."""
    return postgres.of_running(stack.directory).url(role, DATABASE)


def query(stack: Stack, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Query as superuser, which no policy restricts."""
    with psycopg.connect(url(stack), autocommit=True) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def query_nothing(stack: Stack, statement: str) -> None:
    """Run a statement that returns no rows."""
    with psycopg.connect(url(stack), autocommit=True) as connection:
        connection.execute(statement.encode())


def give_address(stack: Stack, user: str, email: str) -> None:
    query(stack, "UPDATE recovery_user SET email = %s WHERE id = %s RETURNING 1", email, user)
