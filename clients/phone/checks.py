"""Making sure that this phone holds what the server says it should: daily, and in a new app."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from clients.phone.answers import Answers
from clients.phone.clock import moment, text
from clients.phone.errors import Problem, Unreachable
from clients.phone.registration import App
from clients.phone.session import Session

DIGEST = "/api/v1/sync/digest"
EVERY = timedelta(days=1)


class Checks:
    def __init__(self, session: Session, answers: Answers, app: App) -> None:
        self.session = session
        self.answers = answers
        self.app = app
        self.found: list[str] = []  # scopes that differed, for bug reports and tests

    async def differed(self) -> list[str]:
        """The scopes that must be read anew; none when no check is due. One that fails is due
        again with the next sync: it must never keep a phone from working."""
        differed: list[str] = []
        if self._is_due():
            with suppress(Problem, Unreachable):
                differed += await self._compare()
                await self._report(differed)
        return differed

    def _is_due(self) -> bool:
        """A phone that is new has just read everything; its first check is a day later."""
        now, checked = self.session.wire.now(), self.answers.store.get("checked")
        if checked is None:
            with self.answers.store.transaction():
                self.answers.store.put(checked={"at": text(now), "app": self.app.version})
            return False
        return bool(checked["app"] != self.app.version or now - moment(checked["at"]) >= EVERY)

    async def _compare(self) -> list[str]:
        answer = await self._ask({})
        differed = self.answers.take_digest(answer, self.app.version, self.session.wire.now())
        self.found += differed
        return differed

    async def _report(self, differed: list[str]) -> None:
        if differed:
            await self._ask({"only": [], "differed": differed})

    async def _ask(self, more: dict[str, Any]) -> dict[str, Any]:
        who = {"client_id": self.answers.outbox.client_id(), "schema": self.app.schema}
        return await self.session.call(DIGEST, {**who, **more})
