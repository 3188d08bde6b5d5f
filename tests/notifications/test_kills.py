"""A pump may die at any moment, run beside others, or be stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg_pool import AsyncConnectionPool

from notifications.fcm_simulator.answers import Answer
from recovery.signin.models import User
from tests.cast import reachable
from tests.notifications.running import RunningSimulator, as_pump, let_leases_end, pump
from tests.notifications.sending import remind
from tools.local.data_directory import CHECKOUT

pytestmark = pytest.mark.usefixtures("committed_db")
POINTS = ["before_claim", "after_claim", "after_accepted", "before_mark"]
PHONES = [f"device:number-{number}" for number in range(3)]


STARTED: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def no_pump_outlives_its_test() -> Iterator[None]:
    """After a test that failed, it would send what other tests plan."""
    yield
    while STARTED:
        with STARTED.pop() as process:  # which closes its pipes and waits
            process.kill()


@pytest.fixture
def people() -> list[User]:
    return [reachable(phone) for phone in PHONES]


@pytest.mark.parametrize("point", POINTS)
def test_a_pump_killed_anywhere_loses_and_duplicates_nothing(
    fcm: RunningSimulator, people: list[User], tmp_path: Path, point: str
) -> None:
    kill_and_recover(fcm, people, point, lambda: start_pump(fcm, tmp_path, point).wait(60))


@pytest.mark.soak
@pytest.mark.parametrize("point", POINTS)
def test_a_hundred_kills(
    fcm: RunningSimulator, people: list[User], tmp_path: Path, point: str
) -> None:
    with start_pump(fcm, tmp_path, "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as forks:
        for _ in range(100):
            kill_and_recover(fcm, people, point, lambda: ask(forks, point))
            fcm.forget()


def ask(forks: subprocess.Popen[bytes], point: str) -> int:
    """The exit code of a fresh pump that dies at `point`."""
    assert forks.stdin is not None
    assert forks.stdout is not None
    forks.stdin.write(f"{point}\n".encode())
    forks.stdin.flush()
    return int(forks.stdout.readline())


def kill_and_recover(
    fcm: RunningSimulator, people: list[User], point: str, kill: Callable[[], int]
) -> None:
    """Each phone gets it, at most twice with the same content. The ledger records it once."""
    before = settled()
    remind(people)
    assert kill() == -signal.SIGKILL
    let_leases_end()
    pump(fcm)
    for phone in PHONES:
        bodies = [without_expiry(request["body"]) for request in fcm.requests(phone)]
        assert 1 <= len(bodies) <= (1 if point in POINTS[:2] else 2)
        assert bodies[0] == bodies[-1]
    assert settled() == before | {"sent": before.get("sent", 0) + len(people)}


def without_expiry(body: str) -> dict[str, Any]:
    """Apple's expiry counts from the time of sending, in steps of a quarter of an hour: a second
    attempt may fall into the next one."""
    parsed: dict[str, Any] = json.loads(body)
    del parsed["message"]["apns"]["headers"]["apns-expiration"]
    return parsed


def test_two_pumps_side_by_side_send_nothing_twice(fcm: RunningSimulator, tmp_path: Path) -> None:
    phones = [f"device:of-many-{number}" for number in range(120)]
    people = [reachable(phone) for phone in phones]
    pumps = [
        started(start_pump(fcm, tmp_path, "nowhere", stderr=subprocess.PIPE)) for _ in range(2)
    ]
    try:
        remind(people)
        wait_until(lambda: settled() == {"sent": len(phones)})
    finally:
        assert [stop(process) for process in pumps] == [0, 0]
    assert [len(fcm.requests(phone)) for phone in phones] == [1] * len(phones)


def test_a_stopped_pump_finishes_its_sends_and_releases_the_rest(
    fcm: RunningSimulator, people: list[User], tmp_path: Path
) -> None:
    for phone in PHONES:
        fcm.answers(phone, Answer("slow", seconds=2))
    remind(people)
    process = start_pump(fcm, tmp_path, "nowhere")
    wait_until(lambda: any(fcm.requests(phone) for phone in PHONES))
    assert stop(process) == 0
    pump(fcm)
    assert settled() == {"sent": 3}
    assert [len(fcm.requests(phone)) for phone in PHONES] == [1, 1, 1]


def test_without_its_own_role_it_does_not_start(fcm: RunningSimulator, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "pump"],
        cwd=CHECKOUT,
        env=environment(fcm, tmp_path) | {"DATABASE_ROLE": "app"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last == "CommandError: The pump runs with DATABASE_ROLE=pump."


def settled() -> dict[str, int]:
    """The number of deliveries in each state."""

    async def work(pool: AsyncConnectionPool) -> dict[str, int]:
        async with pool.connection() as conn:
            rows = await conn.execute(
                "SELECT state, count(*) FROM notifications_delivery GROUP BY 1"
            )
            return dict(await rows.fetchall())

    return as_pump(work)


def start_pump(
    fcm: RunningSimulator, folder: Path, point: str, **pipes: int
) -> subprocess.Popen[bytes]:
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-m", "tests.notifications.pump_process", point],
        cwd=CHECKOUT,
        env=environment(fcm, folder),
        **pipes,  # type: ignore[call-overload]
    )
    STARTED.append(process)
    return process


def started(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Wait until the pump handles signals."""
    assert process.stderr is not None
    assert any(b'"pump.started"' in line for line in process.stderr)
    return process


def environment(fcm: RunningSimulator, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "DATABASE_ROLE": "pump",
        "FCM_ENDPOINT": fcm.endpoint,
        "FCM_CREDENTIALS": "",
        "EMAIL_URL": "",
        "MAIL_FOLDER": str(folder),
    }


def stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    return process.wait(60)


def wait_until(ready: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
