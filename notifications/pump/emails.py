"""The e-mail channel. It is separate from pushes, so that a slow mail server does not delay them
and a slow push service does not delay e-mails."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from datetime import datetime, timedelta

import structlog
from psycopg_pool import AsyncConnectionPool

from foundation.mail_addresses import Unusable
from foundation.sealing import Unsealable, unseal
from notifications.pump import store
from notifications.pump.clock import DatabaseClock
from notifications.pump.pauses import Pauses
from notifications.pump.results import Result, finished, postponed, result_of
from notifications.pump.store import Email
from notifications.queue import letter_aad
from notifications.transports.answers import Means, Verdict
from notifications.transports.email import DELIVERY_SECONDS, Mailer

AT_ONCE = 4
BATCH = 20
REFUSED_PAUSE = timedelta(seconds=60)

log = structlog.get_logger()


class Emails:
    """A `Channel` of the pump."""

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
        self._margin = min(timedelta(seconds=DELIVERY_SECONDS), lease / 2)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.stopping = False
        self.counts: Counter[str] = Counter()

    async def due_buckets(self) -> list[int]:
        """Empty while e-mail is paused."""
        async with self._pool.connection() as conn:
            poll = await store.poll(conn, store.POLL_EMAILS)
        self._clock.set(poll.now)
        self._pauses.learn(poll.pauses)
        return [] if self._pauses.until("mail", now=poll.now) else poll.buckets

    async def visit(self, bucket: int) -> None:
        """Claim one batch, send it and write the results."""
        async with self._pool.connection() as conn:
            now = self._clock.now()
            batch = await store.claim_emails(conn, bucket, now, self._lease, BATCH)
        results = await asyncio.gather(*(self._handle(email) for email in batch))
        async with self._pool.connection() as conn:
            written = await store.mark_emails(conn, bucket, self._clock.now(), results)
        self.counts["stale"] += len(results) - written
        for result in results:
            self.counts[result.state] += 1
            if result.state == "dead":
                log.error("mail.dead", letter=str(result.id), reason=result.reason)

    async def _handle(self, email: Email) -> Result:
        async with self._slots:
            now = self._clock.now()
            if email.expires <= now:
                return finished(email, "expired", "ttl")
            paused = self._pauses.until("mail", now=now)
            if paused:
                return postponed(email, paused, "paused")
            if self.stopping or email.due - now < self._margin:
                return postponed(email, now, "released")
            return await self._attempt(email)

    async def _attempt(self, email: Email) -> Result:
        verdict = await self._send(email)
        now = self._clock.now()
        if verdict.means is Means.REFUSED:
            return postponed(email, await self._pause(verdict), verdict.reason)
        return result_of(email, verdict, now=now, dice=self._dice)

    async def _send(self, email: Email) -> Verdict:
        """Never raises: a bug in one e-mail must not hold up the rest of its batch."""
        try:
            content = json.loads(unseal(letter_aad(email.id, email.scope_id), email.sealed))
            message = self._mailer.compose(email.id, email.mail, content, self._clock.now())
            return await self._mailer.send(message)
        except Unusable:
            return Verdict(Means.GONE, "invalid_address")
        except (Unsealable, ValueError):
            return Verdict(Means.OUR_FAULT, "unreadable")
        except Exception as error:  # noqa: BLE001
            # No traceback, because it could contain the address.
            log.error("mail.fault", letter=str(email.id), error=type(error).__name__)  # noqa: TRY400
            return Verdict(Means.TRY_LATER, "fault")

    async def _pause(self, verdict: Verdict) -> datetime:
        until = self._clock.now() + REFUSED_PAUSE
        if self._pauses.extend("mail", until):
            log.critical("mail.paused", reason=verdict.reason)
            await self._pauses.share(self._pool, "mail", until, verdict.reason)
        return until
