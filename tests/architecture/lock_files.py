"""What the lock files install."""

from __future__ import annotations

import re

from tools.local.data_directory import CHECKOUT

SERVED = "deploy/requirements-served.txt"


def locked(name: str) -> dict[str, str]:
    """Package to version, from a lock file in which every package has hashes."""
    text = (CHECKOUT / name).read_text()
    pins = dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", text, re.MULTILINE))
    assert text.count("==") == len(pins)
    assert text.count("--hash=sha256:") >= len(pins)
    return pins


def hashes(name: str) -> dict[str, set[str]]:
    """Package to the SHA-256 of each file that may be installed for it."""
    by_package: dict[str, set[str]] = {}
    for line in (CHECKOUT / name).read_text().splitlines():
        if pin := re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==", line):
            files = by_package[pin[1]] = set()
        files |= set(re.findall(r"--hash=sha256:(\w+)", line))
    return by_package
