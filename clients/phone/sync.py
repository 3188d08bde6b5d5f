"""Push and pull: the requests that keep a phone in step."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any

from clients.phone.answers import Answers, Asked
from clients.phone.attaching import Attaching
from clients.phone.checks import Checks
from clients.phone.clock import Clock
from clients.phone.errors import BrokenAnswer, Problem, Stuck
from clients.phone.outbox import LANES, MAIN
from clients.phone.registration import App, Registration
from clients.phone.remedies import PULL, Remedies
from clients.phone.session import Session

PULL_PATH, PUSH_PATH = "/api/v1/sync/pull", "/api/v1/sync/push"
NO_PROGRESS = "A page promises more but moves no cursor."
LIMITS = {"mutations": 50, "bytes": 524288}  # until registration says otherwise


class Sync:
    def __init__(
        self, session: Session, answers: Answers, clock: Clock, app: App, chance: Random
    ) -> None:
        self.session = session
        self.answers = answers
        self.app = app
        self.registration = Registration(session, answers, app)
        self.checks = Checks(session, answers, app)
        self.attaching = Attaching(session, answers)
        self.remedies = Remedies(session, answers, clock, chance, lambda: self.attaching.offset)
        self.pulls_in_flight = 0
        self.after_pull: Callable[[], None] = lambda: None
        self._pushing = {lane: asyncio.Lock() for lane in LANES}
        self._pulling = asyncio.Lock()

    async def run(self) -> None:
        """Hand in what is queued, then read to the end. A new epoch queues again what the
        server may have forgotten, hence the second round."""
        await self.session.acknowledge_wipe()
        await self._round()
        if self.answers.needs_registration() or self.answers.outbox.pending():
            await self._round()
        if await self.checks.differed():
            await self.pull()

    async def _round(self) -> None:
        """What stops a lane does not stop the other, nor reading; it is raised afterwards."""
        current, troubles = False, []
        for lane in LANES:
            try:
                current = await self.push(lane)
            except (Problem, Stuck, BrokenAnswer) as trouble:
                current = False
                troubles.append(trouble)
        if not current:
            await self.pull()
        if troubles:
            raise troubles[0]

    async def push(self, lane: str) -> bool:
        """Hand in one lane, batch by batch. True if the last answer also read to the end."""
        brought: list[bool] = []
        async with self._pushing[lane]:
            self.remedies.batch_size[lane] = self._limit("mutations")
            await self.remedies.persist(lane, lambda: self._push_batch(lane, brought))
        return bool(brought and brought[-1])

    async def pull(self) -> None:
        """Read page by page until the server says that there is no more."""
        async with self._pulling:
            with self._in_flight():
                await self.remedies.persist(PULL, self._pull_page)

    async def _pull_page(self) -> bool:
        await self.registration.ensure()
        asked = self.answers.asking()
        body = {**self._who(asked), "limit": self.app.page, "only": None, "cursor": asked.cursor}
        page = await self.session.call(PULL_PATH, body)
        taken = self.answers.take_pull(asked, page, self.session.wire.now())
        if taken and page["has_more"] and self.answers.cache.cursor() == asked.cursor:
            raise BrokenAnswer(NO_PROGRESS)
        return page["has_more"] or not taken

    async def _push_batch(self, lane: str, brought: list[bool]) -> bool:
        await self.registration.ensure()
        await self.attaching.send_next(lane)
        asked = self.answers.asking()
        envelope = {**self._who(asked), "lane": lane, **self._pull_too(asked, lane)}
        batch = self._batch(lane, self._limit("bytes") - len(json.dumps(envelope)))
        if not batch:
            return False
        self.remedies.last_batch[lane] = len(batch)
        with self._in_flight() if "pull" in envelope else nullcontext():
            answer = await self.session.call(PUSH_PATH, {**envelope, "mutations": batch})
            taken = self.answers.take_push(asked, lane, answer, self.session.wire.now())
        page = answer.get("pull")
        brought.append(bool(page and taken and not page["has_more"]))
        _raise_if_stopped(answer)
        return True

    def _who(self, asked: Asked) -> dict[str, Any]:
        acks = self.answers.outbox.acks()
        return {"client_id": asked.client_id, "schema": self.app.schema, "ack": acks}

    def _pull_too(self, asked: Asked, lane: str) -> dict[str, Any]:
        """The main lane's push reads as well, which saves a round trip. The urgent lane must
        not wait for pages, and an app too old to read would have its outbox refused."""
        if lane != MAIN or self.answers.store.get("too_old"):
            return {}
        return {"pull": {"cursor": asked.cursor, "limit": self.app.page}}

    def _batch(self, lane: str, room: int) -> list[dict[str, Any]]:
        """The oldest pending mutations, as many as the limits allow, at least one; none whose
        files are still to be sent, and none after it."""
        offset = self.session.wire.offset_ms()
        batch: list[dict[str, Any]] = []
        for mutation in self.answers.outbox.pending(lane)[: self.remedies.batch_size[lane]]:
            wire = mutation.wire(offset)
            room -= len(json.dumps(wire).encode())
            if (batch and room < 0) or self.answers.files.waits(mutation.uuid):
                break
            batch.append(wire)
        return batch

    def _limit(self, name: str) -> int:
        return int(self.answers.store.get("limits", LIMITS)[name])

    @contextmanager
    def _in_flight(self) -> Iterator[None]:
        """Live frames wait meanwhile, and are judged again afterwards."""
        self.pulls_in_flight += 1
        try:
            yield
        finally:
            self.pulls_in_flight -= 1
            if not self.pulls_in_flight:
                self.after_pull()


def _raise_if_stopped(answer: dict[str, Any]) -> None:
    """The server stopped in the middle: what it did is stored, the rest waits."""
    stopped = answer.get("stopped")
    if stopped:
        raise Problem(503, stopped, stopped.get("retry_after_ms", 0) / 1000)
