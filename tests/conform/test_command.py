"""`make conform` as its user sees it: ready, Ctrl-C, and one clear sentence if it cannot start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx
import psutil
import pytest

from tools.local.data_directory import CHECKOUT, free_port

COMMAND = [sys.executable, "-m", "tools.conform"]
NAMES = ("PORT", "LIVE_PORT", "CONTROL_PORT")
ENDED_WITHIN = 60.0  # seconds


def environment(*ports: int) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if "_URL" not in key}
    return plain | dict(zip(NAMES, map(str, ports), strict=True))


def refused(*ports: int) -> str:
    """The one line that a failed start prints."""
    run = subprocess.run(
        COMMAND, cwd=CHECKOUT, env=environment(*ports), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    return run.stderr


def test_a_port_for_two() -> None:
    one, two = free_port(), free_port()
    sentence = refused(one, two, one)
    assert sentence == f"PORT and CONTROL_PORT are both {one}; choose two ports.\n"


def test_an_invalid_port() -> None:
    assert refused(65536, 0, 0) == "PORT=65536 is not a port number.\n"


@pytest.mark.soak
def test_it_says_that_a_story_failed_and_ends_at_ctrl_c_for_good() -> None:
    ports = [free_port() for _ in NAMES]
    run = subprocess.Popen(
        COMMAND,
        cwd=CHECKOUT,
        env=environment(*ports),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert run.stdout
        while "Ctrl-C" not in (line := run.stdout.readline()):
            assert line, "it ended before it was ready"
        family = psutil.Process(run.pid).children(recursive=True)
        [people] = [each for each in family if "tools.conform.people" in each.cmdline()]
        # The client keeps its connection, which must not keep the server.
        with httpx.Client(base_url=f"http://127.0.0.1:{ports[2]}", timeout=60) as control:
            assert control.post("/conform/stories/frames").status_code == 200
            people.kill()
            failed = control.post("/conform/stories/frames")
            assert (failed.status_code, "people has ended" in failed.text) == (500, True)
            run.send_signal(signal.SIGINT)
            run.send_signal(signal.SIGTERM)
            rest, _ = run.communicate(timeout=ENDED_WITHIN)
        assert (run.returncode, rest) == (0, "Stopped. Nothing is kept.\n")
        assert psutil.wait_procs(family, timeout=ENDED_WITHIN)[1] == []
    finally:
        run.kill()
        run.wait()
