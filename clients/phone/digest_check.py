"""Compares digests with the server, daily and after an app update, to detect a wrong local copy."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from clients.phone.answers import Answers
from clients.phone.clock import format_time, parse_time
from clients.phone.errors import Problem, Unreachable
from clients.phone.registration import App
from clients.phone.session import Session

DIGEST = "/api/v1/sync/digest"
EVERY = timedelta(days=1)


class DigestCheck:
    def __init__(self, session: Session, answers: Answers, app: App) -> None:
        self.session = session
        self.answers = answers
        self.app = app
        self.differing: list[str] = []  # scopes that differed so far, for bug reports and tests

    async def run(self) -> list[str]:
        """Return the scopes that must be read again; empty if no check is due.

        A failed check never stops a sync. It stays due.
        """
        differing: list[str] = []
        if self._is_due():
            with suppress(Problem, Unreachable):
                answer = await self._call({})
                now = self.session.wire.now()
                differing += self.answers.take_digest(answer, self.app.version, now)
                self.differing += differing
                if differing:
                    await self._call({"only": [], "differed": differing})
        return differing

    def _is_due(self) -> bool:
        now, checked = self.session.wire.now(), self.answers.store.get("checked")
        # A new phone has just read everything, so its first check is a day later.
        if checked is None:
            with self.answers.store.transaction():
                self.answers.store.put(checked={"at": format_time(now), "app": self.app.version})
            return False
        return bool(checked["app"] != self.app.version or now - parse_time(checked["at"]) >= EVERY)

    async def _call(self, body: dict[str, Any]) -> dict[str, Any]:
        client = {"client_id": self.answers.outbox.client_id(), "schema": self.app.schema}
        return await self.session.call(DIGEST, {**client, **body})
