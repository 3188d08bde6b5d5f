"""The TypeScript phone in a Node process that does only what it is asked: one line of JSON in, one
line out once the phone waits for its world again (clients/handrail-js/test/drive.ts)."""

from __future__ import annotations

import itertools
import json
import os
import select
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tools import npm

LONGEST = 60.0  # seconds for one answer; it takes about a millisecond
CHUNK = 1 << 16
Event = dict[str, Any]


class Refused(Exception):
    """The library has thrown one of its own errors; this is its name."""


class Drive:
    """One process, for any number of phones, each with a name of its own."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [str(npm.NODE), "--disable-warning=ExperimentalWarning", "test/drive.ts"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._in, self._out = self.process.stdin, self.process.stdout.fileno()
        self._read = b""
        self._names = itertools.count(1)
        self._listeners: dict[str, Callable[[Event], None]] = {}

    def phone(self, tell: Callable[[Event], None]) -> str:
        """The name of a new phone. `tell` gets what happens on it."""
        name = f"phone-{next(self._names)}"
        self._listeners[name] = tell
        return name

    def forget(self, name: str) -> None:
        self.ask("forget", name)
        del self._listeners[name]

    def ask(self, do: str, phone: str, **args: Any) -> Any:
        """Raises Refused, and AssertionError for an error that is not one of the library's own."""
        self._in.write(json.dumps({"do": do, "phone": phone, **args}).encode() + b"\n")
        self._in.flush()
        answer = json.loads(self._line())
        assert "defect" not in answer, answer["defect"]
        for event in answer["events"]:
            if tell := self._listeners.get(event["phone"]):
                tell(event)
        if answer["refused"]:
            raise Refused(answer["refused"])
        return answer["value"]

    def _line(self) -> bytes:
        while b"\n" not in self._read:
            ready, _, _ = select.select([self._out], [], [], LONGEST)
            assert ready, "the phone is still busy"
            chunk = os.read(self._out, CHUNK)
            assert chunk, "the phone's process has ended"
            self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        try:
            self.process.wait(LONGEST)
        finally:
            self.process.kill()
            self.process.wait()
