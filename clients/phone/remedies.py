"""What the phone does about each refusal (protocol, section 2.4), and how long it keeps trying."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from clients.phone import backoff
from clients.phone.answers import Answers
from clients.phone.clock import Clock
from clients.phone.errors import Offline, Problem, Stuck, Unreachable, UpgradeRequired
from clients.phone.session import Session

TRIES = 8  # in a row without progress; then a later trigger tries again
PULL = "pull"  # otherwise what is being done is the name of a lane


@dataclass
class Remedies:
    session: Session
    answers: Answers
    clock: Clock
    chance: Random
    file_offset: Callable[[], int] = lambda: 0
    batch_size: dict[str, int] = field(default_factory=dict)  # at most, by lane
    last_batch: dict[str, int] = field(default_factory=dict)  # as sent

    async def persist(self, doing: str, step: Callable[[], Awaitable[bool]]) -> None:
        """Repeat `step` while it says that there is more, curing what can be cured between."""
        tries, mark, more = 0, None, True
        while more:
            client_id = self.answers.outbox.client_id()
            try:
                more = await step()
            except (Problem, Unreachable) as trouble:
                tries, mark = self._count(tries, mark)
                if tries > TRIES:
                    raise Stuck(doing) from trouble
                await self._cure(trouble, doing, client_id, tries)

    def _count(self, tries: int, mark: Any) -> tuple[int, Any]:
        """Tries start again at one after any progress."""
        outbox = self.answers.outbox
        where = (self.answers.asking(), outbox.acks(), len(outbox.pending()))
        now = (*where, {**self.batch_size}, self.file_offset())
        return (tries + 1 if now == mark else 1), now

    async def _cure(self, trouble: Exception, doing: str, client_id: str, tries: int) -> None:
        """Remove the cause or wait; raises `trouble` when neither helps."""
        match trouble:
            case Problem(code="client_unknown" | "client_forked"):
                self.answers.client_refused(client_id)
            case Problem(code="mutation_gap" | "blobs_missing"):
                self._mend_gap(trouble, doing, client_id)
            case Problem(status=413):
                self._shrink(doing)
            case Problem(status=421):
                self.session.move(trouble.body["url"])
                self.answers.client_refused(client_id)
            case Problem(status=426):
                self._too_old(doing)
            case Offline():
                raise trouble
            case Problem(code="in_progress") | Problem(is_passing=True) | Unreachable():
                await self._wait(tries, getattr(trouble, "retry_after", None))
            case _:
                raise trouble

    def _mend_gap(self, gap: Problem, lane: str, client_id: str) -> None:
        """Something that went before is not there: files, or mutations."""
        if gap.code == "blobs_missing":
            self.answers.files_missing(lane, gap.body, self.session.wire.now())
        elif not self.answers.reopen(lane, gap.body["expected"]):
            self.answers.client_refused(client_id)

    def _shrink(self, lane: str) -> None:
        """Halve the batch. One mutation too large on its own would block all others for ever."""
        if self.last_batch[lane] > 1:
            self.batch_size[lane] = self.last_batch[lane] // 2
            return
        first = self.answers.outbox.pending(lane)[0]
        self.answers.set_aside(first.uuid, "too_large", self.session.wire.now())

    def _too_old(self, doing: str) -> None:
        self.answers.mark_too_old()
        if doing == PULL:
            raise UpgradeRequired

    async def _wait(self, tries: int, at_least: float | None) -> None:
        await self.clock.sleep(backoff.wait(tries, self.chance, at_least))
