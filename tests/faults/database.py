"""Stop PostgreSQL as a crash does, and start it again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.faults.stacks import GIVE_UP, run, url
from tools.local import processes
from tools.local.stack import Stack


class Database:
    """The PostgreSQL of a stack, a child process of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.process = stack.running["postgres"]
        self.command = list(self.process.args)  # type: ignore[arg-type]
        self.programs = Path(self.command[0]).parent
        self.data = Path(self.command[self.command.index("-D") + 1])

    def stop_at_once(self) -> None:
        """Stop without a checkpoint or a farewell. The next start recovers from the log."""
        self.run("pg_ctl", "stop", f"--pgdata={self.data}", "--mode=immediate", "--wait")
        self.process.wait()

    def stop(self) -> None:
        """Stop it cleanly."""
        self.run("pg_ctl", "stop", f"--pgdata={self.data}", "--mode=fast", "--wait")
        self.process.wait()

    def restart(self) -> None:
        """Restart it cleanly."""
        self.stop()
        self.start()

    def move(self, part: str, to: Path) -> None:
        """While it is stopped, move its data (`part` is empty) or a folder of them into a directory
        that exists."""
        account = self.stack.directory.account.popen_options()
        source = self.data / part
        run(["cp", "--archive", f"{source}/.", str(to)], cwd="/", **account)
        if part:
            run(["rm", "-r", str(source)], cwd="/", **account)
            run(["ln", "-s", str(to), str(source)], cwd="/", **account)
        else:
            self.data = to
            self.command[self.command.index("-D") + 1] = str(to)

    def start(self) -> None:
        """Run the same command line. It accepts connections a moment later."""
        self.process = processes.start_server(
            self.command,
            log=self.stack.directory.root / "postgres-again.log",
            account=self.stack.directory.account,
            stop_signal=signal.SIGINT,
        )

    def run(self, program: str, *arguments: str, **environment: str) -> None:
        """Run one of PostgreSQL's own programs under its account."""
        run(
            [str(self.programs / program), *arguments],
            cwd="/",
            env=os.environ | environment,
            **self.stack.directory.account.popen_options(),
        )

    async def answers(self) -> None:
        """Wait until it accepts connections."""
        async with asyncio.timeout(GIVE_UP):
            while True:
                try:
                    await (await psycopg.AsyncConnection.connect(url(self.stack))).close()
                except psycopg.OperationalError:
                    await asyncio.sleep(0.02)
                else:
                    return


@contextmanager
def database(stack: Stack) -> Iterator[Database]:
    """A PostgreSQL to stop and start. It runs again after the block."""
    control = Database(stack)
    try:
        yield control
        if control.process.poll() is not None:
            control.start()
    finally:
        stack.running["postgres"] = control.process
