"""Limits of files: size, number, kinds of scope, and how long an unused one is kept."""

from __future__ import annotations

import re
from datetime import timedelta

# How requests name a file: the hash of the bytes as the phone has them.
SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST = 10 * 2**20
# Every piece but the last has this length, so an offset tells which pieces have arrived.
PIECE = 256 * 2**10
MOST_AT_ONCE = 4
MOST_UNFINISHED = 20
# After this number of interrupted checks, the file is considered the cause.
MOST_INTERRUPTIONS = 3
# The scopes in which people write to each other. No other document shows files.
SCOPE_KINDS = ("group", "pair")
# What is unused for longer is deleted. A phone that comes later uploads the file again.
KEPT_UNUSED = timedelta(days=1)


def piece_at(offset: int, size: int) -> int:
    """The length of the piece that begins at `offset`, in a file of `size` bytes."""
    return min(PIECE, size - offset)
