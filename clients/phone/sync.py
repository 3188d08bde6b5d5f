"""Push and pull: the requests that synchronise a phone."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any

from clients.phone.answers import Answers, Request
from clients.phone.clock import Clock
from clients.phone.digest_check import DigestCheck
from clients.phone.errors import BrokenAnswer, Problem, Stuck
from clients.phone.file_transfer import FileTransfer
from clients.phone.outbox import LANES, MAIN
from clients.phone.registration import App, Registration
from clients.phone.remedies import PULL, Remedies
from clients.phone.session import Session

PULL_PATH, PUSH_PATH = "/api/v1/sync/pull", "/api/v1/sync/push"
NO_PROGRESS = "has_more is true, but the cursor did not move."
LIMITS = {"mutations": 50, "bytes": 524288}  # until registration sets others


class Sync:
    def __init__(
        self, session: Session, answers: Answers, clock: Clock, app: App, chance: Random
    ) -> None:
        self.session = session
        self.answers = answers
        self.app = app
        self.registration = Registration(session, answers, app)
        self.digest_check = DigestCheck(session, answers, app)
        self.file_transfer = FileTransfer(session, answers)
        self.remedies = Remedies(session, answers, clock, chance, lambda: self.file_transfer.offset)
        self.pulls_in_flight = 0
        self.after_pull: Callable[[], None] = lambda: None
        self._pushing = {lane: asyncio.Lock() for lane in LANES}
        self._pulling = asyncio.Lock()

    async def run(self) -> None:
        """Push the outbox, then pull to the end."""
        await self.session.acknowledge_wipe()
        await self._push_and_pull()
        # In a new epoch, what the server may have lost has been queued again.
        if self.answers.needs_registration() or self.answers.outbox.pending():
            await self._push_and_pull()
        if await self.digest_check.run():
            await self.pull()

    async def _push_and_pull(self) -> None:
        """An error in one lane stops neither the other lane nor the pull; it is raised last."""
        current, errors = False, []
        for lane in LANES:
            try:
                current = await self.push(lane)
            except (Problem, Stuck, BrokenAnswer) as error:
                current = False
                errors.append(error)
        if not current:
            await self.pull()
        if errors:
            raise errors[0]

    async def push(self, lane: str) -> bool:
        """Push one lane, batch by batch. Returns True if the last answer also pulled to the end."""
        reached_end: list[bool] = []
        async with self._pushing[lane]:
            self.remedies.batch_size[lane] = self._limit("mutations")
            await self.remedies.persist(lane, lambda: self._push_batch(lane, reached_end))
        return bool(reached_end and reached_end[-1])

    async def pull(self) -> None:
        """Pull page by page until there is no more."""
        async with self._pulling:
            with self._in_flight():
                await self.remedies.persist(PULL, self._pull_page)

    async def _pull_page(self) -> bool:
        await self.registration.ensure()
        request = self.answers.request()
        body = {
            **self._client(request),
            "limit": self.app.page,
            "only": None,
            "cursor": request.cursor,
        }
        page = await self.session.call(PULL_PATH, body)
        applied = self.answers.take_pull(request, page, self.session.wire.now())
        if applied and page["has_more"] and self.answers.cache.cursor() == request.cursor:
            raise BrokenAnswer(NO_PROGRESS)
        return page["has_more"] or not applied

    async def _push_batch(self, lane: str, reached_end: list[bool]) -> bool:
        await self.registration.ensure()
        await self.file_transfer.send_next(lane)
        request = self.answers.request()
        envelope = {**self._client(request), "lane": lane, **self._pull_part(request, lane)}
        batch = self._batch(lane, self._limit("bytes") - len(json.dumps(envelope)))
        if not batch:
            return False
        self.remedies.last_batch[lane] = len(batch)
        with self._in_flight() if "pull" in envelope else nullcontext():
            answer = await self.session.call(PUSH_PATH, {**envelope, "mutations": batch})
            applied = self.answers.take_push(request, lane, answer, self.session.wire.now())
        page = answer.get("pull")
        reached_end.append(bool(page and applied and not page["has_more"]))
        if stopped := answer.get("stopped"):  # in the middle of the batch; the results are stored
            raise Problem(503, stopped, stopped.get("retry_after_ms", 0) / 1000)
        return True

    def _client(self, request: Request) -> dict[str, Any]:
        acks = self.answers.outbox.acks()
        return {"client_id": request.client_id, "schema": self.app.schema, "ack": acks}

    def _pull_part(self, request: Request, lane: str) -> dict[str, Any]:
        """A push of the main lane also pulls, which saves a request. The urgent lane must not wait
        for pages, and an app that is too old to pull would have its whole push refused."""
        if lane != MAIN or self.answers.store.get("too_old"):
            return {}
        return {"pull": {"cursor": request.cursor, "limit": self.app.page}}

    def _batch(self, lane: str, room: int) -> list[dict[str, Any]]:
        """The oldest pending mutations: at least one, as many as the limits allow, up to the first
        one with unsent files."""
        offset = self.session.wire.offset_ms()
        batch: list[dict[str, Any]] = []
        for mutation in self.answers.outbox.pending(lane)[: self.remedies.batch_size[lane]]:
            wire = mutation.wire(offset)
            room -= len(json.dumps(wire).encode())
            if (batch and room < 0) or self.answers.files.has_unsent(mutation.uuid):
                break
            batch.append(wire)
        return batch

    def _limit(self, name: str) -> int:
        return int(self.answers.store.get("limits", LIMITS)[name])

    @contextmanager
    def _in_flight(self) -> Iterator[None]:
        """Live frames are held during a pull and judged again afterwards."""
        self.pulls_in_flight += 1
        try:
            yield
        finally:
            self.pulls_in_flight -= 1
            if not self.pulls_in_flight:
                self.after_pull()
