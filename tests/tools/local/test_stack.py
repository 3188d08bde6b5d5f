"""The processes of the Procfile: started on free ports, stopped, killed, and never orphaned."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tools.local import data_directory, stack

SMALL: Any = {"environ": {}, "names": ("fcm",), "migrate": False, "data": False}
HOUSE = """
import sys, time
from pathlib import Path
from tools.local import data_directory, stack
with data_directory.hold(Path(sys.argv[1])) as held:
    with stack.running(held, environ={}, names=("fcm",), migrate=False, data=False) as house:
        print(house.fcm, flush=True)
        time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that every account can access, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="handrail-") as path:
        yield Path(path)


def _start(home: Path) -> tuple[subprocess.Popen[str], str]:
    environment = {key: value for key, value in os.environ.items() if "_URL" not in key}
    house = subprocess.Popen(
        [sys.executable, "-c", HOUSE, str(home)],
        cwd=data_directory.CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert house.stdout is not None
    return house, house.stdout.readline().strip()


def _wait_until_gone(family: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []


def test_a_killed_parent_leaves_no_process_and_the_next_run_finds_its_data(home: Path):
    house, url = _start(home)
    assert httpx.get(url).status_code == 200
    family = psutil.Process(house.pid).children(recursive=True)
    assert {"postgres", "valkey-server"} <= {process.name() for process in family}
    house.kill()
    house.wait()
    _wait_until_gone(family)
    assert not (home / "postgres" / "postmaster.pid").exists()

    again, same_url = _start(home)
    assert same_url == url
    assert httpx.get(url).status_code == 200
    again.terminate()
    again.wait()


@pytest.mark.soak
def test_two_houses_run_side_by_side():
    with data_directory.temporary() as here, data_directory.temporary() as there:
        with stack.running(here, **SMALL) as one, stack.running(there, **SMALL) as two:
            assert not set(one.ports.values()) & set(two.ports.values())
            assert [httpx.get(house.fcm).status_code for house in (one, two)] == [200, 200]


@pytest.mark.soak
def test_a_process_can_be_killed_and_started_again():
    with data_directory.temporary() as held:
        with stack.running(held, **SMALL) as house:
            house.kill("fcm")
            with pytest.raises(httpx.ConnectError):
                httpx.get(house.fcm)
            house.start("fcm")
            house.wait_until_ready()
            assert httpx.get(house.fcm).status_code == 200


@pytest.mark.soak
def test_a_process_that_exits_is_noticed():
    with data_directory.temporary() as held:
        with stack.running(held, **SMALL) as house:
            assert house.first_to_end() is None
            house.running["fcm"].send_signal(signal.SIGTERM)
            house.running["fcm"].wait()
            assert house.first_to_end() == "fcm"
