"""Processor time of a running product, from /proc: what noise on the machine disturbs least."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import psutil


def seconds(running: Mapping[str, subprocess.Popen[bytes]]) -> dict[str, float]:
    """User and system time of each process, its children included."""
    return {name: _of_family(process.pid) for name, process in running.items()}


def millis_each(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, float]:
    """Milliseconds for each of `count` operations, by process, and their total."""
    used = {name: (after[name] - before[name]) / count * 1000 for name in after}
    shares = {name: round(value, 2) for name, value in used.items() if value >= 0.005}
    return shares | {"total": round(sum(used.values()), 2)}


def _of_family(pid: int) -> float:
    """Children that have ended are counted with their parent."""
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
