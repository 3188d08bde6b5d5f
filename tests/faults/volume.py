"""A small file system of its own, to be filled: a tmpfs, which only root may mount.

A limit on the size of files (RLIMIT_FSIZE) would not do: it ends processes with a signal, and what
PostgreSQL and its clients do about a full disk is never asked for.
"""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.local.account import Account

BLOCK = 64 * 1024
MEGABYTE = 2**20


class Volume:
    """The file system that is mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Take all the room that is left, to the last byte."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (BLOCK, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as problem:
                    if problem.errno != errno.ENOSPC:
                        raise

    def make_room(self) -> None:
        self._filler.unlink()


@contextmanager
def volume(path: Path, account: Account, megabytes: int) -> Iterator[Volume]:
    """An empty file system of this size that belongs to the account. Skips the test where mounting
    is not allowed."""
    path.mkdir()
    options = f"size={megabytes}m,uid={account.uid},gid={account.gid},mode=0700"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a file system of its own cannot be mounted: {done.stderr.strip()}")
    try:
        yield Volume(path)
    finally:
        # Lazily: a process that is still ending may have files open.
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def megabytes_in(folder: Path) -> int:
    """Rounded up."""
    sizes = [path.lstat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(sizes) // MEGABYTE + 1
