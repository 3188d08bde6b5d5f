"""How large, how many, where, and how long."""

from __future__ import annotations

from datetime import timedelta

LARGEST = 10 * 2**20
# Every piece but the last is as long, so that an offset says which pieces are here.
PIECE = 256 * 2**10
MOST_AT_ONCE = 4
MOST_UNFINISHED = 20
# A file over which looking was interrupted as often is taken for the cause.
MOST_INTERRUPTIONS = 3
# Where people write to each other; nothing else has a place for a picture.
SCOPE_KINDS = ("group", "pair")
# What nothing refers to by then is collected; a phone that comes later uploads again.
KEPT_UNUSED = timedelta(days=1)


def piece_at(offset: int, size: int) -> int:
    """How many bytes the piece that begins at `offset` of a file of `size` bytes has."""
    return min(PIECE, size - offset)
