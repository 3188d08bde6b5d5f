"""E-mails: a lane of their own, so that neither a slow mail server nor a slow push service
holds up the other."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from psycopg_pool import AsyncConnectionPool

from foundation.sealing import Unsealable, unseal
from notifications.pump import store
from notifications.pump.clock import DatabaseClock
from notifications.pump.pauses import Pauses
from notifications.pump.settle import Result, ended, given_back, settle
from notifications.pump.store import Post
from notifications.queue import letter_place
from notifications.transports.answers import Means, Verdict
from notifications.transports.email import SECONDS, Mailer

AT_ONCE = 4
BATCH = 20
REFUSED_PAUSE = timedelta(seconds=60)

log = structlog.get_logger()


class Letters:
    """Visits buckets."""

    name = "mail"
    width = 1

    def __init__(
        self,
        pool: AsyncConnectionPool,
        mailer: Mailer,
        *,
        lease: timedelta = store.LEASE,
        dice: random.Random | None = None,
    ) -> None:
        self._pool, self._mailer, self._lease = pool, mailer, lease
        self._dice = dice or random.SystemRandom()
        self._clock, self._pauses = DatabaseClock(), Pauses()
        self._margin = min(timedelta(seconds=SECONDS), lease / 2)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.stopping = False
        self.counts: Counter[str] = Counter()

    async def due_buckets(self) -> list[int]:
        """None while mail is paused."""
        async with self._pool.connection() as conn:
            view = await store.look(conn, store.LOOK_POSTS)
        self._clock.set(view.now)
        self._pauses.learn(view.pauses)
        return [] if self._pauses.until("mail", now=view.now) else view.buckets

    async def visit(self, bucket: int) -> None:
        """Claim one batch, send it, write down what became of it."""
        async with self._pool.connection() as conn:
            now = self._clock.now()
            batch = await store.claim_posts(conn, bucket, now, self._lease, BATCH)
        results = await asyncio.gather(*(self._handle(post) for post in batch))
        async with self._pool.connection() as conn:
            written = await store.mark_posts(conn, bucket, self._clock.now(), results)
        self.counts["stale"] += len(results) - written
        for result in results:
            self.counts[result.state] += 1
            if result.state == "dead":
                log.error("mail.dead", letter=str(result.id), reason=result.reason)

    async def _handle(self, post: Post) -> Result:
        async with self._slots:
            now = self._clock.now()
            if post.expires <= now:
                return ended(post, "expired", "ttl")
            paused = self._pauses.until("mail", now=now)
            if paused:
                return given_back(post, paused, "paused")
            if self.stopping or post.due - now < self._margin:
                return given_back(post, now, "released")
            return await self._attempt(post)

    async def _attempt(self, post: Post) -> Result:
        verdict = await self._send(post)
        now = self._clock.now()
        if verdict.means is Means.REFUSED:
            return given_back(post, await self._pause(verdict), verdict.reason)
        return settle(post, verdict, now=now, dice=self._dice)

    async def _send(self, post: Post) -> Verdict:
        """A fault of ours in one letter must not hold up the others of its batch."""
        try:
            return await self._mailer.send(self._compose(post))
        except (Unsealable, ValueError):
            return Verdict(Means.OUR_FAULT, "unreadable")
        except Exception as error:  # noqa: BLE001
            # A traceback could show the address.
            log.error("mail.fault", letter=str(post.id), error=type(error).__name__)  # noqa: TRY400
            return Verdict(Means.TRY_LATER, "fault")

    def _compose(self, post: Post) -> EmailMessage:
        content = json.loads(unseal(letter_place(post.id, post.scope_id), post.sealed))
        return self._mailer.compose(post.id, post.mail, content, self._clock.now())

    async def _pause(self, verdict: Verdict) -> datetime:
        until = self._clock.now() + REFUSED_PAUSE
        if self._pauses.extend("mail", until):
            async with self._pool.connection() as conn:
                await store.pause(conn, "mail", until, verdict.reason)
            log.critical("mail.paused", reason=verdict.reason)
        return until
