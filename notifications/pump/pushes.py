"""The push channel: expand due intents, claim deliveries, send them and write the results."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from psycopg_pool import AsyncConnectionPool

from foundation.sealing import Unsealable, unseal
from notifications.pump import store
from notifications.pump.clock import DatabaseClock
from notifications.pump.pace import Pace
from notifications.pump.pauses import Pauses
from notifications.pump.results import Result, finished, postponed, result_of
from notifications.pump.store import Push
from notifications.registrations import token_aad
from notifications.transports.answers import Means, Verdict
from notifications.transports.fcm import Fcm
from notifications.transports.messages import request_body
from notifications.transports.pool import DEADLINE, Pool
from notifications.transports.webpush import WebPush

RETIRED = {Means.GONE: "dead", Means.MISMATCH: "quarantined"}
# Seconds, unless the service sends a Retry-After.
PAUSING = {Means.PAUSE_ALL: 60.0, Means.PAUSE_PLATFORM: 300.0, Means.REFUSED: 60.0}
SPREAD = 5.0
ALARMING = frozenset({"invalid_request", "sender_id_mismatch", "unreadable", "vapid_refused"})

log = structlog.get_logger()


def no_op(point: str) -> None:
    """The default hook."""


class Pushes:
    """A `Channel` of the pump.

    `at` is a hook for tests that crash the pump. It is called with "before_claim", "after_claim",
    "after_accepted" and "before_mark".
    """

    name = "push"
    width = 4

    def __init__(
        self,
        pool: AsyncConnectionPool,
        fcm: Fcm,
        browsers: WebPush,
        pace: Pace,
        *,
        lease: timedelta = store.LEASE,
        dice: random.Random | None = None,
        at: Callable[[str], None] = no_op,
    ) -> None:
        self._pool, self._pace, self._lease, self._at = pool, pace, lease, at
        self._fcm, self._browsers = fcm, browsers
        self._dice = dice or random.SystemRandom()
        self._clock, self._pauses = DatabaseClock(), Pauses()
        # No attempt starts this close to the end of its lease.
        self._margin = min(timedelta(seconds=DEADLINE), lease / 2)
        self.stopping = False
        self.counts: Counter[str] = Counter()

    async def due_buckets(self) -> list[int]:
        """While Firebase is paused, those with pushes to browsers."""
        async with self._pool.connection() as conn:
            poll = await store.poll(conn, store.POLL_PUSHES)
        self._clock.set(poll.now)
        self._pauses.learn(poll.pauses)
        return poll.buckets

    async def visit(self, bucket: int) -> None:
        """Expand due intents, claim one batch, send it and write the results."""
        now = self._clock.now()
        async with self._pool.connection() as conn:
            await store.expand(conn, bucket, now)
            self._at("before_claim")
            firebase = self._pauses.until(store.FIREBASE, now=now) is None
            batch = await store.claim_pushes(conn, bucket, now, self._lease, firebase=firebase)
        self._at("after_claim")
        done = await asyncio.gather(*(self._handle(push) for push in batch))
        self._at("before_mark")
        await self._write(bucket, batch, done)

    async def _handle(self, push: Push) -> tuple[Result, Verdict | None]:
        way: Pool = self._browsers if push.kind == "web" else self._fcm
        async with way.slots:
            await self._pace.turn()
            skipped = self._skip(push)
            return (skipped, None) if skipped else await self._attempt(push)

    def _skip(self, push: Push) -> Result | None:
        """The result without an attempt, if there is a reason not to send."""
        now = self._clock.now()
        if push.expires <= now:
            return finished(push, "expired", "ttl")
        if push.sealed is None:
            return finished(push, "dead", "registration_gone")
        names = () if push.kind == "web" else (store.FIREBASE, f"fcm:{push.platform}")
        if paused := self._pauses.until(*names, now=now):
            return postponed(push, self._soon_after(paused), "paused")
        # If an attempt outlived its lease, another pump would claim the row and send it again.
        if self.stopping or push.due - now < self._margin:
            return postponed(push, now, "released")
        return None

    async def _attempt(self, push: Push) -> tuple[Result, Verdict]:
        verdict = await self._send(push)
        now = self._clock.now()
        if verdict.means is Means.SENT:
            self._at("after_accepted")
        if verdict.means in PAUSING:
            until = await self._pause(push, verdict)
            return postponed(push, self._soon_after(until), verdict.reason), verdict
        return result_of(push, verdict, now=now, dice=self._dice), verdict

    async def _send(self, push: Push) -> Verdict:
        """Never raises: a bug in one push must not hold up the rest of its batch."""
        try:
            aad = token_aad(push.registration_id, push.scope_id)
            address = unseal(aad, push.sealed or b"").decode()
            now = self._clock.now()
            if push.kind == "web":
                return await self._browsers.send(
                    address, push.push_class, str(push.locale), push.id, now=now
                )
            return await self._fcm.send(
                request_body(push.push_class, str(push.kind), address, now=now)
            )
        except Unsealable:
            return Verdict(Means.OUR_FAULT, "unreadable")
        except Exception as error:  # noqa: BLE001
            # No traceback, because it could contain the token.
            log.error("push.fault", delivery=str(push.id), error=type(error).__name__)  # noqa: TRY400
            return Verdict(Means.TRY_LATER, "fault")

    async def _pause(self, push: Push, verdict: Verdict) -> datetime:
        """Pause all pumps: everything, or only the platform whose key was refused."""
        only_platform = verdict.means is Means.PAUSE_PLATFORM
        name = f"fcm:{push.platform}" if only_platform else store.FIREBASE
        seconds = verdict.wait if verdict.wait is not None else PAUSING[verdict.means]
        until = self._clock.now() + timedelta(seconds=seconds)
        if self._pauses.extend(name, until):
            # A used-up quota ends by itself. Refused keys and credentials need an operator.
            report = log.warning if verdict.means is Means.PAUSE_ALL else log.critical
            report("push.paused", name=name, reason=verdict.reason, seconds=round(seconds))
            await self._pauses.share(self._pool, name, until, verdict.reason)
        return until

    def _soon_after(self, until: datetime) -> datetime:
        return until + timedelta(seconds=self._dice.uniform(0, SPREAD))

    async def _write(
        self, bucket: int, batch: list[Push], done: list[tuple[Result, Verdict | None]]
    ) -> None:
        results = [result for result, _ in done]
        retired = [
            (push, RETIRED[verdict.means], verdict.reason)
            for push, (_, verdict) in zip(batch, done, strict=True)
            if verdict and verdict.means in RETIRED
        ]
        async with self._pool.connection() as conn:
            written = await store.mark_pushes(conn, bucket, self._clock.now(), results)
            await store.retire(conn, retired)
        self.counts["stale"] += len(results) - written
        for result in results:
            self._count(result)

    def _count(self, result: Result) -> None:
        """Log each failed push that an operator should look at, by its random id."""
        self.counts[result.state] += 1
        if result.reason in ALARMING:
            event = "push.dead" if result.state == "dead" else "push.retried"
            log.error(event, delivery=str(result.id), reason=result.reason)
