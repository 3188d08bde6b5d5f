"""The hash chain over the audit: nobody can change what was written without being noticed.

No writer waits for the chain: a job seals events within a minute. The hash of link n is
`hash_n = SHA-256(hash_{n-1} || link)`. `hash_0` is 32 zero bytes. A link is its time and all
columns of its event, as JSON with sorted keys. Keep a head (position and hash) outside the
database to be able to prove that the end was not cut off and the chain not recomputed.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from recovery.actions.models import AuditEvent, AuditSeal

BATCH = 1000
NOTHING = bytes(32)
# No transaction takes longer than this from creating its event to its commit.
LATEST_COMMIT = timedelta(hours=24)


@dataclass(frozen=True)
class Head:
    """The last link: the number of sealed events, and the hash over all of them."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"


@dataclass(frozen=True)
class Broken:
    """What is wrong with one link of the chain and the event it seals."""

    position: int
    event_id: uuid.UUID
    what: str

    def __str__(self) -> str:
        return f"event {self.event_id} (link {self.position}): {self.what}"


def seal(now: datetime) -> int:
    """Add every unsealed event to the chain and return their number. Run as `jobs`.

    Raises IntegrityError if another sealer was faster. Nothing is lost then.
    """
    sealed = 0
    while added := _seal_batch(now):
        sealed += added
    return sealed


def head() -> Head:
    last = AuditSeal.objects.order_by("-position").first()
    return Head(last.position, bytes(last.hash)) if last else Head(0, NOTHING)


def waiting() -> QuerySet[AuditEvent]:
    """Events that no link seals."""
    seals = AuditSeal.objects.filter(event_id=OuterRef("id"))
    return AuditEvent.objects.filter(~Exists(seals))


def broken() -> Iterator[Broken]:
    """Every broken link: its event was changed or removed, or the links before it are missing."""
    previous = Head(0, NOTHING)
    for links in _batches():
        events = AuditEvent.objects.in_bulk([link.event_id for link in links])
        for link in links:
            what = _what_is_wrong(previous, link, events.get(link.event_id))
            if what:
                yield Broken(link.position, link.event_id, what)
            previous = Head(link.position, bytes(link.hash))


def broken_among(events: Iterable[AuditEvent]) -> list[Broken]:
    """Which of these events are no longer as they were sealed. One without a link, which is sealed
    within a minute, is not among them, and nothing is said of events that are gone."""
    known = {event.id: event for event in events}
    links = list(AuditSeal.objects.filter(event_id__in=known).order_by("position"))
    before = AuditSeal.objects.filter(position__in=[link.position - 1 for link in links])
    heads = {row.position: Head(row.position, bytes(row.hash)) for row in before}
    heads[0] = Head(0, NOTHING)
    wrong = [
        (link, _what_is_wrong(heads.get(link.position - 1, heads[0]), link, known[link.event_id]))
        for link in links
    ]
    return [Broken(link.position, link.event_id, what) for link, what in wrong if what]


def _what_is_wrong(previous: Head, link: AuditSeal, event: AuditEvent | None) -> str | None:
    if link.position != previous.position + 1:
        return f"the {link.position - previous.position - 1} links before it are gone"
    if event is None:
        return "is gone"
    expected = _hash(previous.hash, link.sealed_at, event)
    return None if expected == bytes(link.hash) else "was changed"


def _batches() -> Iterator[list[AuditSeal]]:
    last = -1
    while links := list(AuditSeal.objects.filter(position__gt=last).order_by("position")[:BATCH]):
        yield links
        last = links[-1].position


@transaction.atomic
def _seal_batch(now: datetime) -> int:
    links = list(_links(head(), _next_to_seal(now), now))
    AuditSeal.objects.bulk_create(links)
    return len(links)


def _next_to_seal(now: datetime) -> Iterable[AuditEvent]:
    # A late commit may leave an unsealed event before the last sealed one, so look back: from now,
    # if the last one was sealed while the clock was ahead.
    last = AuditSeal.objects.order_by("-position").first()
    oldest = uuid.UUID(int=0)
    if last:
        oldest = _first_id_at(min(last.sealed_at, now) - LATEST_COMMIT)
    return waiting().filter(id__gte=oldest).order_by("id")[:BATCH]


def _links(last: Head, events: Iterable[AuditEvent], now: datetime) -> Iterator[AuditSeal]:
    for event in events:
        last = Head(last.position + 1, _hash(last.hash, now, event))
        yield AuditSeal(position=last.position, event_id=event.id, hash=last.hash, sealed_at=now)


def _hash(previous: bytes, sealed_at: datetime, event: AuditEvent) -> bytes:
    columns = {f.attname: _plain(getattr(event, f.attname)) for f in AuditEvent._meta.fields}
    link = json.dumps([_plain(sealed_at), columns], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous + link.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _first_id_at(moment: datetime) -> uuid.UUID:
    """The smallest UUIDv7 of this millisecond. Event ids grow with the time of their creation."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
