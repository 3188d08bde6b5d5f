"""The whole product on one machine: servers, migrations, data and the Procfile's processes.

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
from tools.local.data_directory import CHECKOUT, DataDirectory
from tools.local.errors import CannotStart
from tools.local.source_hash import CODE, DATA, source_hash

LISTENING = ("web", "live", "fcm")
# If we are killed, the database goes at the same moment, and a process that stops gracefully might
# wait for it. So orphans are killed: the next run takes up their work. Only web needs SIGTERM,
# because it has workers of its own to stop.
ORPHANED = {"web": signal.SIGTERM}
START_SECONDS = 180.0  # enough for a busy machine


@dataclass(frozen=True)
class Stack:
    """The running product. `ports` has the loopback ports of web, live and the simulator of FCM.
    `code` is the tree that its processes run.
    """

    directory: DataDirectory
    ports: dict[str, int]
    variables: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]]
    code: Path = CHECKOUT

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def app(self) -> str:
        """The phone app. Not 127.0.0.1: browsers make passkeys for names only."""
        return f"http://localhost:{self.ports['web']}/"

    @property
    def console(self) -> str:
        """The staff console, on a host name of its own: cookies do not tell ports apart."""
        return f"http://console.localhost:{self.ports['web']}/"

    @property
    def live(self) -> str:
        return f"ws://127.0.0.1:{self.ports['live']}/ws/v1/live"

    @property
    def fcm(self) -> str:
        return f"http://127.0.0.1:{self.ports['fcm']}"

    @property
    def mail(self) -> Path:
        """The folder in which e-mails arrive as files."""
        return self.directory.root / "mail"

    def log(self, name: str) -> Path:
        """The output of process `name` since it was last started."""
        return self.directory.root / f"{name}.log"

    def start(self, name: str) -> None:
        """Start or restart process `name` of the Procfile."""
        self.running[name] = processes.start_process(
            shlex.split(procfile()[name]),
            log=self.log(name),
            orphan_signal=ORPHANED.get(name, signal.SIGKILL),
            cwd=self.code,
            env=self.environment(),
        )

    def stop(self, name: str) -> None:
        """Stop process `name` gracefully."""
        processes.stop(self.running.pop(name))

    def kill(self, name: str) -> None:
        """Kill process `name` and its workers, as a power cut would."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def environment(self) -> dict[str, str]:
        """The environment of every process."""
        return {**os.environ, **self.variables}

    def wait_until_ready(self) -> None:
        """Wait until all servers listen. Raises CannotStart if any process ends first."""
        deadline = time.monotonic() + START_SECONDS
        expected = [name for name in LISTENING if name in self.running]
        while waiting := [name for name in expected if not listens(self.ports[name])]:
            if (ended := self.first_to_end()) is not None:
                raise CannotStart(f"{ended} ended: {processes.last_line(self.log(ended))}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{waiting[0]} is not listening; see {self.log(waiting[0])}")
            time.sleep(0.05)

    def first_to_end(self) -> str | None:
        """The name of a process that has ended by itself."""
        ended = (name for name, process in self.running.items() if process.poll() is not None)
        return next(ended, None)


@contextmanager
def running(
    directory: DataDirectory,
    *,
    ports: Mapping[str, int] | None = None,
    environ: Mapping[str, str] = os.environ,
    names: tuple[str, ...] = (),
    migrate: bool = True,
    data: bool = True,
    on_step: Callable[[str], None] = lambda step: None,
) -> Iterator[Stack]:
    """Run the product until the block ends.

    `ports` defaults to free ports, `names` to all processes of the Procfile. Servers that
    `environ` names are used instead of local ones. `migrate` brings the database up to date, `data`
    loads the shipped library, programmes and demonstration people; a local database that the last
    run prepared from the same sources is left alone. `on_step` is called with each step's title.
    """
    ports = dict(ports or {name: directory.port(name) for name in LISTENING})
    with ExitStack() as stack:
        on_step("Starting PostgreSQL and Valkey")
        backing = stack.enter_context(servers.running(directory, environ))
        system = Stack(
            directory, ports, backing.variables | _variables(directory, ports, environ), {}
        )
        system.running.update(backing.started)
        # A database that is not ours may have changed since, so it is always prepared.
        sources = "" if environ.get("DATABASE_URL") else source_hash(*CODE, *DATA)
        prepared = sources != "" and directory.note("prepared") == sources
        if migrate and not prepared:
            on_step("Bringing the database up to date")
            _manage("owner", system.environment(), [["migrate", "--verbosity=0"], ["apply_walls"]])
        stack.callback(_stop_processes, system)
        on_step("Starting the processes")
        for name in names or procfile():
            # The simulator is not needed if pushes go to Google.
            if name in names or name != "fcm" or not environ.get("FCM_CREDENTIALS"):
                system.start(name)
        if data and not prepared:
            on_step("Loading texts, exercises, programmes and demonstration people")
            on_step(_load(system.environment()))
        if migrate and data:
            directory.set_note("prepared", sources)
        system.wait_until_ready()
        yield system


def procfile() -> dict[str, str]:
    """The command line of each process, by its name."""
    return dict(parse_procfile((CHECKOUT / "Procfile").read_text()).processes)


def _load(environment: Mapping[str, str]) -> str:
    """Run the load commands, which are idempotent, and return their output: it has the sign-in data
    of the demonstration people the first time only."""
    programmes = sorted(str(path) for path in (CHECKOUT / "content" / "programmes").glob("*.yaml"))
    loads = [["load_notice"], ["load_library"], ["load_programme", *programmes]]
    loads.append(["load_demonstration"])
    return _manage("jobs", environment, loads)


def _manage(role: str, environment: Mapping[str, str], commands: list[list[str]]) -> str:
    process = subprocess.run(
        [sys.executable, "-m", "tools.local.commands", json.dumps(commands)],
        cwd=CHECKOUT,
        env={**environment, "DATABASE_ROLE": role},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise CannotStart(f"The database cannot be prepared: {_reason(process.stderr)}")
    return process.stdout.rstrip()


def _reason(traceback: str) -> str:
    """Return the line that names the error; PostgreSQL may quote the statement below it."""
    lines = [
        line for line in traceback.splitlines() if re.match(r"[\w.]+(Error|Exception)?: ", line)
    ]
    return (lines or traceback.splitlines() or ["no reason given"])[-1]


def _variables(
    directory: DataDirectory, ports: Mapping[str, int], environ: Mapping[str, str]
) -> dict[str, str]:
    """The variables that processes read besides the servers' URLs; `environ` overrides defaults."""
    binaries = Path(sys.executable).parent
    defaults = {
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        # In production pushes to many people are spread over minutes; here no one waits for that.
        "PUSH_SPREAD": "0",
        "API_DOCS": "true",
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
        "LIVE_ORIGINS": f"http://127.0.0.1:{ports['web']},http://localhost:{ports['web']}",
        "LIVE_URL": f"ws://127.0.0.1:{ports['live']}/ws/v1/live",
        "CONSOLE_URL": f"http://console.localhost:{ports['web']}",
        # Browsers make passkeys for names only, and the phone app makes none to sign in with.
        "PASSKEY_HOST": "console.localhost",
        "CONSOLE_LIVE_URL": f"ws://console.localhost:{ports['live']}/ws/v1/desk",
        "BLOB_FOLDER": str(directory.root / "blobs"),
        "GRANIAN_WORKERS": "1",
        "WEB_THREADS": "3",
        "GRANIAN_LOG_LEVEL": "warning",
        # A worker that is still starting misses the signal to stop.
        "GRANIAN_WORKERS_KILL_TIMEOUT": "3",
    }
    fixed = {
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(ports["web"]),
        "UVICORN_HOST": "127.0.0.1",
        "UVICORN_PORT": str(ports["live"]),
    }
    if not environ.get("EMAIL_URL"):
        defaults["MAIL_FOLDER"] = str(directory.root / "mail")
        (directory.root / "mail").mkdir(exist_ok=True)
    if not environ.get("FCM_CREDENTIALS"):
        fixed["FCM_ENDPOINT"] = f"http://127.0.0.1:{ports['fcm']}"
    overrides = {key: environ[key] for key in defaults if key in environ and key != "PATH"}
    return defaults | overrides | fixed


def _stop_processes(system: Stack) -> None:
    """Signal all processes before waiting for any. The servers must stop last, elsewhere."""
    ours = [process for name, process in system.running.items() if name in procfile()]
    for process in ours:
        if process.poll() is None:
            process.terminate()
    for process in ours:
        processes.stop(process, seconds=10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
