"""The clock of a whole machine, to be stepped: libfaketime (Debian's package `faketime`).

Monotonic clocks go on as they are, as they do when a real clock is stepped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.local.stack import Stack

PLACES = ("/usr/lib/*/faketime", "/usr/local/lib/faketime", "/usr/lib/faketime")
LIBRARY = "libfaketimeMT.so.1"
READ_EVERY = 1  # seconds


class MachineClock:
    """`variables`: for the environment of each process that is to have this clock."""

    def __init__(self, stack: Stack, library: Path) -> None:
        self._file = stack.directory.folder("clock") / "offset"
        self._account = stack.directory.account
        self._set(0)
        self.variables = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(READ_EVERY),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Shared memory, which our accounts cannot share, would only keep an absolute start.
            "FAKETIME_DISABLE_SHM": "1",
        }

    async def step(self, seconds: int) -> None:
        """Let it be `seconds` away from the true time. Every process has noticed afterwards."""
        self._set(seconds)
        await asyncio.sleep(2 * READ_EVERY)

    def _set(self, seconds: int) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        self._account.own(fresh, 0o644)
        fresh.replace(self._file)


def machine_clock(stack: Stack) -> MachineClock:
    """Skips the test where libfaketime is not installed."""
    libraries = [file for place in PLACES for file in Path("/").glob(f"{place[1:]}/{LIBRARY}")]
    if not libraries:
        pytest.skip(f"{LIBRARY} is not installed (apt-get install faketime)")
    return MachineClock(stack, libraries[0])


@contextmanager
def environment(changed: dict[str, str]) -> Iterator[None]:
    """Start processes with these variables, inside the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changed.items():
            patch.setenv(name, value)
        yield
