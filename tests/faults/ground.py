"""Houses whose servers belong to one test, which may break them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.faults.circle import Circle, Member
from tools.local import data_directory, postgres, processes
from tools.local.servers import DATABASE
from tools.local.stack import LISTENING, Stack


@contextmanager
def crew(ground: Stack, *names: str, wait: bool = True, **changed: str) -> Iterator[Stack]:
    """Run these processes of the Procfile on ports of their own, with `changed` in their
    environment. Without `wait` the block begins while they are still starting."""
    ports = {name: data_directory.free_port() for name in LISTENING} | {"fcm": ground.ports["fcm"]}
    own = {
        "GRANIAN_PORT": str(ports["web"]),
        "UVICORN_PORT": str(ports["live"]),
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
    }
    house = Stack(ground.directory, ports, ground.variables | own | changed, {})
    try:
        for name in names:
            house.start(name)
        if wait:
            house.wait_until_ready()
        yield house
    finally:
        for process in house.running.values():
            processes.stop(process, seconds=15)


def make_circle(house: Stack, size: int) -> Circle:
    """A group of `size` people with signed-in phones in the house's database."""
    made = json.loads(_run(house, "app", "-m", "tests.faults.make_circle", str(size)))
    members = [Member(group=made["group"], **member) for member in made["members"]]
    return Circle(made["group"], members)


def manage(house: Stack, role: str, *command: str) -> str:
    """The output of a management command. If it fails, the test fails with its error output."""
    return _run(house, role, "manage.py", *command)


def _run(house: Stack, role: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=data_directory.CHECKOUT,
        env=house.environment() | {"DATABASE_ROLE": role},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def url(house: Stack, role: str = postgres.SUPERUSER) -> str:
    """The URL of PostgreSQL itself, bypassing every proxy."""
    return postgres.of_running(house.directory).url(role, DATABASE)


def look(house: Stack, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Query as superuser, which no policy restricts."""
    with psycopg.connect(url(house), autocommit=True) as connection:
        return connection.execute(question.encode(), values).fetchall()
