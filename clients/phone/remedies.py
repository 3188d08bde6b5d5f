"""How the phone reacts to each refusal (docs/protocol.md, "Errors"), and how long it retries."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from clients.phone import backoff
from clients.phone.answers import Answers
from clients.phone.clock import Clock
from clients.phone.errors import Offline, Problem, Stuck, Unreachable, UpgradeRequired
from clients.phone.session import Session

TRIES = 8  # consecutive tries without progress; after that a later trigger tries again
PULL = "pull"  # the operation; any other value is the lane of a push


@dataclass
class Remedies:
    session: Session
    answers: Answers
    clock: Clock
    chance: Random
    file_offset: Callable[[], int] = lambda: 0
    batch_size: dict[str, int] = field(default_factory=dict)  # the limit, by lane
    last_batch: dict[str, int] = field(default_factory=dict)  # the size last sent, by lane

    async def persist(self, doing: str, step: Callable[[], Awaitable[bool]]) -> None:
        """Repeat `step` while it returns True, and remove the cause of errors in between."""
        tries, mark, more = 0, None, True
        while more:
            client_id = self.answers.outbox.client_id()
            try:
                more = await step()
            except (Problem, Unreachable) as error:
                tries, mark = self._count(tries, mark)
                if tries > TRIES:
                    raise Stuck(doing) from error
                await self._cure(error, doing, client_id, tries)

    def _count(self, tries: int, mark: Any) -> tuple[int, Any]:
        """Count tries without progress. Returns the count and the state to compare with next."""
        outbox = self.answers.outbox
        position = (self.answers.request(), outbox.acks(), len(outbox.pending()))
        state = (*position, {**self.batch_size}, self.file_offset())
        return (tries + 1 if state == mark else 1), state

    async def _cure(self, error: Exception, doing: str, client_id: str, tries: int) -> None:
        """Remove the cause or wait. Raises `error` if neither helps."""
        match error:
            case Problem(code="client_unknown" | "client_forked"):
                self.answers.client_refused(client_id)
            case Problem(code="mutation_gap" | "blobs_missing"):
                self._mend_gap(error, doing, client_id)
            case Problem(status=413):
                self._shrink(doing)
            case Problem(status=421):
                self.session.move(error.body["url"])
                self.answers.client_refused(client_id)
            case Problem(status=426) | Problem(code="invalid"):
                self._cannot_read(error, doing)
            case Offline():
                raise error
            case Problem(code="in_progress") | Problem(is_passing=True) | Unreachable():
                at_least = getattr(error, "retry_after", None)
                await self.clock.sleep(backoff.wait(tries, self.chance, at_least))
            case _:
                raise error

    def _mend_gap(self, gap: Problem, lane: str, client_id: str) -> None:
        """The server lacks files of a mutation, or earlier mutations."""
        if gap.code == "blobs_missing":
            self.answers.files_missing(lane, gap.body, self.session.wire.now())
        elif not self.answers.reopen(lane, gap.body["expected"]):
            self.answers.client_refused(client_id)

    def _shrink(self, lane: str) -> None:
        """Halve the batch. A single mutation that is too large is set aside, or it would block the
        lane forever."""
        if self.last_batch[lane] > 1:
            self.batch_size[lane] = self.last_batch[lane] // 2
            return
        first = self.answers.outbox.pending(lane)[0]
        self.answers.set_aside(first.uuid, "too_large", self.session.wire.now())

    def _cannot_read(self, error: Problem, doing: str) -> None:
        """The cursor is damaged, or the app is too old to pull. It may still push its outbox."""
        if error.status != 426:
            if "cursor" not in error.body.get("errors", {}):
                raise error
            self.answers.cursor_refused()
            return
        self.answers.mark_too_old()
        if doing == PULL:
            raise UpgradeRequired
