"""What nightly jobs share: how they are retried, and how they step over a busy scope. Run as
`jobs`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import structlog
from django.db import OperationalError
from django.db.models import Q
from procrastinate import RetryStrategy

from recovery.feed.models import Scope

log = structlog.get_logger()
# Waits half a minute, one minute, two, and so on: about eight hours in all.
RETRY = RetryStrategy(max_attempts=11, exponential_wait=2, wait=28)
PAGE = 500  # scopes per statement
Item = TypeVar("Item")


def each(items: Iterable[Item], do: Callable[[Item], int]) -> int:
    """Call `do` with each item and return the sum of the results.

    If a lock or a timeout stops one item, the rest are still done. The OperationalError is raised
    at the end, so that the job is retried.
    """
    total, last_error = 0, None
    for item in items:
        try:
            total += do(item)
        except OperationalError as error:
            log.warning("upkeep_put_off", why=str(error))
            last_error = error
    if last_error:
        raise last_error
    return total


def scopes(where: Q, page: int = PAGE) -> Iterator[Scope]:
    """All scopes that match, searched `page` scopes per statement to keep each one short."""
    ids, last = Scope.objects.order_by("id").values_list("id", flat=True), uuid.UUID(int=0)
    while batch := list(ids.filter(id__gt=last)[:page]):
        yield from Scope.objects.filter(where, id__in=batch).order_by("id")
        last = batch[-1]
