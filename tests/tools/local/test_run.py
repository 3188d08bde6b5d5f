"""`make run` as a user sees it: ready, Ctrl-C, and one clear sentence when it cannot start."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tools.local import data_directory
from tools.local.errors import CannotStart

ROOT = data_directory.CHECKOUT
CODE = r"(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}"
CORNERS = " ▄▄▄▄▄ "  # a QR code has three


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that every account can access, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="handrail-") as path:
        yield Path(path)


def _environment(home: Path, **changes: str) -> dict[str, str]:
    """The environment of a fresh machine: no servers, only the data directory."""
    plain = {key: value for key, value in os.environ.items() if "_URL" not in key}
    ports = {name: str(data_directory.free_port()) for name in ("PORT", "LIVE_PORT", "FCM_PORT")}
    return plain | {"HANDRAIL_HOME": str(home)} | ports | changes


def _refused(home: Path, **changes: str) -> str:
    """The one line that a failed start prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.local.run"],
        cwd=ROOT,
        env=_environment(home, **changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


def _read_until_ready(run: subprocess.Popen[str]) -> str:
    assert run.stdout is not None
    output = ""
    while "Ctrl-C" not in output:
        line = run.stdout.readline()
        assert line, output
        output += line
    return output


def _start(environment: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    run = subprocess.Popen(
        [sys.executable, "-m", "tools.local.run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    return run, _read_until_ready(run)


def _family(run: subprocess.Popen[str]) -> list[psutil.Process]:
    family = psutil.Process(run.pid).children(recursive=True)
    assert {"postgres", "valkey-server", "granian", "uvicorn"} <= {p.name() for p in family}
    return family


def test_a_killed_run_leaves_no_process_and_the_next_runs_until_ctrl_c(home: Path):
    environment = _environment(home)
    killed, output = _start(environment)
    assert re.search(r"(\d+) exercises, \1 new in the library", output)
    assert re.search(rf"admin +Morgan Alder +\S+@\S+ +{CODE}", output)
    app = f"http://localhost:{environment['PORT']}/"
    assert len(re.findall(rf"born [\d-]+ +{app}#code={CODE}\n", output)) == 3
    assert output.count(CORNERS) >= 3 * 3
    family = _family(killed)
    killed.kill()
    killed.communicate()
    assert psutil.wait_procs(family, timeout=30)[1] == []

    run, output = _start(environment)
    assert "Loading" not in output, "nothing had changed"
    assert "Morgan Alder" not in output
    assert "#code=" not in output
    app, console, docs, pushes = re.findall(r"http://\S+", output)
    for url in (app, docs, pushes, docs.replace("/api/docs", "/readyz")):
        assert httpx.get(url).status_code == 200, url
    # Browsers know that names below localhost are this machine; not every resolver does.
    host = {"host": urlsplit(console).netloc}
    door = httpx.get(app, headers=host)
    assert door.status_code == 303
    assert urlsplit(door.headers["location"]).path == "/sign-in"
    family = _family(run)
    run.send_signal(signal.SIGINT)
    run.communicate()
    assert run.returncode == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_used_port(home: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = _refused(home, LIVE_PORT=str(port))
    assert sentence.startswith(f"Port {port} is in use by another program;")
    assert "make run LIVE_PORT=" in sentence


def test_an_invalid_port(home: Path):
    assert _refused(home, PORT="web") == "PORT=web is not a port number."


def test_an_unreachable_database(home: Path):
    port = data_directory.free_port()
    url = f"postgresql://app:hidden-word@127.0.0.1:{port}/handrail"
    sentence = _refused(home, DATABASE_URL=url)
    assert sentence.startswith(f"The PostgreSQL of DATABASE_URL (127.0.0.1:{port}) cannot be used:")
    assert "hidden-word" not in sentence


def test_an_unreachable_valkey(home: Path):
    port = data_directory.free_port()
    sentence = _refused(home, VALKEY_URL=f"redis://:hidden-word@127.0.0.1:{port}/0")
    assert sentence.startswith(f"The Valkey of VALKEY_URL (127.0.0.1:{port}) cannot be used:")
    assert "hidden-word" not in sentence


def test_missing_credentials(home: Path):
    sentence = _refused(home, FCM_CREDENTIALS="/nowhere/fcm.json")
    assert sentence == "FCM_CREDENTIALS names /nowhere/fcm.json, which cannot be read."


def test_a_directory_held_by_another_run(home: Path):
    with data_directory.hold(home):
        assert _refused(home).startswith(f"Another run is using {home}; stop it first")


def test_a_directory_that_cannot_be_created(home: Path):
    (home / "file").touch()
    assert _refused(home / "file" / "below").startswith("Cannot write to ")


def test_a_full_disk(home: Path):
    with pytest.raises(CannotStart, match="The disk is full"):
        with data_directory.hold(home, needed=2**62):
            pass


def test_an_old_python(home: Path):
    """Make checks the version before it runs anything else with that Python."""
    old = home / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    (home / "Makefile").write_text((ROOT / "Makefile").read_text())
    (home / "requirements.txt").touch()
    done = subprocess.run(
        ["make", "run", f"PYTHON={old}"], cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"Handrail needs Python 3.11 or newer; '{old}' is Python 3.9.2." in done.stderr
    assert not (home / ".venv").exists()
