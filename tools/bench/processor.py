"""Processor time of a running product, from /proc: what noise on the machine disturbs least."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import psutil


class Meter:
    """Counts from the moment it is made."""

    def __init__(self, running: Mapping[str, subprocess.Popen[bytes]]) -> None:
        self._running = running
        self._before = self._seconds()

    def millis_each(self, count: int) -> dict[str, float]:
        """Milliseconds for each of `count` operations, by process, and their total."""
        after = self._seconds()
        used = {name: (after[name] - self._before[name]) / count * 1000 for name in after}
        return used | {"total": sum(used.values())}

    def _seconds(self) -> dict[str, float]:
        return {name: _with_children(process.pid) for name, process in self._running.items()}


def _with_children(pid: int) -> float:
    """User and system time. Children that have ended are counted with their parent."""
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
