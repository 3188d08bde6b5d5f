"""The whole house on one machine: servers, migrations, data and the Procfile's processes.

`make run`, `make demo`, tests of real processes and benchmarks all start it with running().
"""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from honcho.environ import parse_procfile

from tools.local import processes, servers
from tools.local.errors import CannotStart
from tools.local.place import CHECKOUT, Place
from tools.local.shape import CODE, DATA, shape

LISTENING = ("web", "live", "fcm")
# Orphans lose the database in the same moment, and might wait for it. None needs a farewell (what
# one had in hand, the next takes up), but web has children of its own to end.
ORPHANED = {"web": signal.SIGTERM}
START_SECONDS = 180.0  # long enough for a machine that is busy with other things


@dataclass(frozen=True)
class Stack:
    """A running house. `ports` holds the loopback port of web, live and the FCM simulator."""

    place: Place
    ports: dict[str, int]
    variables: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]]

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def live(self) -> str:
        return f"ws://127.0.0.1:{self.ports['live']}/ws/v1/live"

    @property
    def fcm(self) -> str:
        return f"http://127.0.0.1:{self.ports['fcm']}"

    @property
    def mail(self) -> Path:
        """The folder in which e-mails arrive as files."""
        return self.place.root / "mail"

    def log(self, name: str) -> Path:
        """What process `name` has written since it was started."""
        return self.place.root / f"{name}.log"

    def start(self, name: str) -> None:
        """Start process `name` of the Procfile (again)."""
        self.running[name] = processes.start_process(
            shlex.split(procfile()[name]),
            log=self.log(name),
            orphan_signal=ORPHANED.get(name, signal.SIGKILL),
            cwd=CHECKOUT,
            env=self.environment(),
        )

    def stop(self, name: str) -> None:
        """End process `name` in good order."""
        processes.stop(self.running.pop(name))

    def kill(self, name: str) -> None:
        """End process `name` and its workers as a power cut would."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def environment(self) -> dict[str, str]:
        """The environment of every process of this house."""
        return {**os.environ, **self.variables}

    def wait_until_ready(self) -> None:
        """Until every process that listens does; CannotStart when one has ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while waiting := [name for name in self._listening() if not listens(self.ports[name])]:
            if (ended := self.first_to_end()) is not None:
                raise CannotStart(f"{ended} ended: {processes.last_words(self.log(ended))}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{waiting[0]} does not listen; see {self.log(waiting[0])}")
            time.sleep(0.05)

    def first_to_end(self) -> str | None:
        """The name of a process that has ended although nobody asked it to."""
        ended = (name for name, process in self.running.items() if process.poll() is not None)
        return next(ended, None)

    def _listening(self) -> list[str]:
        return [name for name in LISTENING if name in self.running]


@contextmanager
def running(
    place: Place,
    *,
    ports: Mapping[str, int] | None = None,
    given: Mapping[str, str] = os.environ,
    names: tuple[str, ...] = (),
    migrate: bool = True,
    data: bool = True,
    say: Callable[[str], None] = lambda step: None,
) -> Iterator[Stack]:
    """Run the house for the length of the block.

    Free ports unless `ports` says otherwise; the servers of `given` where it names them; only
    the processes in `names`, if any are. Unless told not to, it brings the database up to date
    and loads the shipped library, programmes and demonstration people; not again, while nothing
    of that has changed since the last run with this local server. `say` hears of each step.
    """
    chosen = dict(ports or {name: place.port(name) for name in LISTENING})
    with ExitStack() as stack:
        say("Starting PostgreSQL and Valkey")
        found = stack.enter_context(servers.running(place, given))
        house = Stack(place, chosen, found.variables | _variables(place, chosen, given), {})
        house.running.update(found.started)
        wanted = "" if given.get("DATABASE_URL") else shape(*CODE, *DATA)
        done = wanted != "" and place.note("prepared") == wanted
        if migrate and not done:
            say("Bringing the database up to date")
            _migrate(house.environment())
        stack.callback(_stop_processes, house)
        say("Starting the processes")
        for name in names or _wanted(given):
            house.start(name)
        if data and not done:
            say("Loading texts, exercises, programmes and demonstration people")
            say(_load(house.environment()))
        if migrate and data:
            place.keep("prepared", wanted)
        house.wait_until_ready()
        yield house


def procfile() -> dict[str, str]:
    """Process name to command line."""
    return dict(parse_procfile((CHECKOUT / "Procfile").read_text()).processes)


def _migrate(environment: Mapping[str, str]) -> None:
    """Bring the database to the shape this code expects."""
    _manage("owner", environment, [["migrate", "--verbosity=0"], ["apply_walls"]])


def _load(environment: Mapping[str, str]) -> str:
    """Load what ships with the code, and what was said about it: sign-in data is said only once.
    Each command changes nothing when run again."""
    programmes = sorted(str(path) for path in (CHECKOUT / "content" / "programmes").glob("*.yaml"))
    loads = [["load_notice"], ["load_library"], ["load_programme", *programmes]]
    loads.append(["load_demonstration"])
    return _manage("jobs", environment, loads)


def _manage(role: str, environment: Mapping[str, str], commands: list[list[str]]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tools.local.commands", json.dumps(commands)],
        cwd=CHECKOUT,
        env={**environment, "DATABASE_ROLE": role},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(f"The database cannot be prepared: {_reason(done.stderr)}")
    return done.stdout.rstrip()


def _reason(traceback: str) -> str:
    """The line that names the error; below it PostgreSQL may quote the statement, indented."""
    lines = [
        line for line in traceback.splitlines() if re.match(r"[\w.]+(Error|Exception)?: ", line)
    ]
    return (lines or traceback.splitlines() or ["no reason given"])[-1]


def _variables(place: Place, ports: Mapping[str, int], given: Mapping[str, str]) -> dict[str, str]:
    """What the processes read on top of the servers' URLs; whatever is given wins."""
    binaries = Path(sys.executable).parent
    defaults = {
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        # Nobody here waits minutes for a push that is held back for a crowd's sake.
        "PUSH_SPREAD": "0",
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
        "BLOB_FOLDER": str(place.root / "blobs"),
        "GRANIAN_WORKERS": "1",
        "GRANIAN_BLOCKING_THREADS": "3",
        "GRANIAN_LOG_LEVEL": "warning",
        # A worker that is still starting misses the request to stop.
        "GRANIAN_WORKERS_KILL_TIMEOUT": "3",
    }
    mine = {
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(ports["web"]),
        "UVICORN_HOST": "127.0.0.1",
        "UVICORN_PORT": str(ports["live"]),
    }
    if not given.get("EMAIL_URL"):
        defaults["MAIL_FOLDER"] = str(place.root / "mail")
        (place.root / "mail").mkdir(exist_ok=True)
    if not given.get("FCM_CREDENTIALS"):
        mine["FCM_ENDPOINT"] = f"http://127.0.0.1:{ports['fcm']}"
    kept = {key: given[key] for key in defaults if key in given and key != "PATH"}
    return defaults | kept | mine


def _wanted(given: Mapping[str, str]) -> list[str]:
    """Every process of the Procfile; no simulator where pushes go to Google."""
    return [name for name in procfile() if name != "fcm" or not given.get("FCM_CREDENTIALS")]


def _stop_processes(house: Stack) -> None:
    """All are asked first and waited for afterwards, the servers not among them."""
    ours = [process for name, process in house.running.items() if name in procfile()]
    for process in ours:
        if process.poll() is None:
            process.terminate()
    for process in ours:
        processes.stop(process, seconds=10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
