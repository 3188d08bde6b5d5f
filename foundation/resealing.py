"""Seal again, under the newest key of SEALING_KEY, what an older key sealed.

Works in short transactions beside everything else, and waits for nobody: a row that someone holds
is left for the next pass. Stopped anywhere, it continues where there is still something to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from foundation.sealing import Unsealable, is_current, reseal

BATCH = 200  # rows
PASSES = 5


class Place(NamedTuple):
    """Where sealed values are. `changes`: the columns of a row that are not under the newest key,
    with their new values. Raises Unsealable. `key`: a unique column to go by."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    changes: Callable[[Any], dict[str, Any]]
    key: str = "id"


@dataclass
class Tally:
    """Numbers of rows or files. `busy`: held by someone else in every pass. `shut`: no key opens
    them."""

    resealed: int = 0
    busy: int = 0
    shut: int = 0


def column(name: str, aad: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """`changes` of rows with one binary column, in which empty means nothing."""

    def changes(row: Any) -> dict[str, Any]:
        sealed = bytes(getattr(row, name) or b"")
        return {} if not sealed or is_current(sealed) else {name: reseal(aad(row), sealed)}

    return changes


def reseal_rows(place: Place) -> Tally:
    tally = Tally()
    for _ in range(PASSES):
        tally.busy = tally.shut = 0
        for batch in _batches(place):
            _reseal_batch(place, batch, tally)
        if not tally.busy:
            break
    return tally


def _batches(place: Place) -> Iterator[list[Any]]:
    rows = place.rows().order_by(place.key)
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(**{f"{place.key}__gt": getattr(batch[-1], place.key)})[:BATCH])


def _reseal_batch(place: Place, batch: list[Any], tally: Tally) -> None:
    stale = []
    for row in batch:
        try:
            if place.changes(row):
                stale.append(getattr(row, place.key))
        except Unsealable:
            tally.shut += 1
    if not stale:
        return
    with transaction.atomic():
        held = place.rows().filter(**{f"{place.key}__in": stale})
        free = list(held.select_for_update(no_key=True, of=("self",), skip_locked=True))
        for row in free:
            place.rows().filter(pk=row.pk).update(**place.changes(row))
    tally.resealed += len(free)
    tally.busy += len(stale) - len(free)
