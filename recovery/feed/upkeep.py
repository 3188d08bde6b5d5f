"""What nightly jobs have in common: how often they are tried, and how they get over a scope that
is busy. Run as `jobs`."""

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
# Half a minute, a minute, two, ... and after the last some eight hours have passed.
RETRY = RetryStrategy(max_attempts=11, exponential_wait=2, wait=28)
PAGE = 500  # scopes that one statement looks into
Item = TypeVar("Item")


def each(items: Iterable[Item], do: Callable[[Item], int]) -> int:
    """Do this with all of them; the sum. Where a lock or the limit of time stops it, the others
    have their turn all the same. OperationalError, at the end, so that the job is tried again."""
    total, trouble = 0, None
    for item in items:
        try:
            total += do(item)
        except OperationalError as error:
            log.warning("upkeep_put_off", why=str(error))
            trouble = error
    if trouble:
        raise trouble
    return total


def scopes(where: Q, page: int = PAGE) -> Iterator[Scope]:
    """All scopes for which this holds, looked for among so many at a time."""
    ids, last = Scope.objects.order_by("id").values_list("id", flat=True), uuid.UUID(int=0)
    while some := list(ids.filter(id__gt=last)[:page]):
        yield from Scope.objects.filter(where, id__in=some).order_by("id")
        last = some[-1]
