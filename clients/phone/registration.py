"""The client id. The server issues it, and issues another when it no longer fits this phone."""

import asyncio
from dataclasses import dataclass, field

from clients.phone.answers import Answers
from clients.phone.session import Session

CLIENTS = "/api/v1/sync/clients"


@dataclass(frozen=True)
class App:
    """This app. `schema`: the newest document schema it understands. `page`: rows per pull."""

    platform: str = "android"
    version: str = "1.0.0"
    schema: int = 1
    page: int = 500


@dataclass
class Registration:
    session: Session
    answers: Answers
    app: App
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ensure(self) -> None:
        """Register if this phone has no valid client id."""
        async with self._one_at_a_time:
            if self.answers.needs_registration():
                await self._register()

    async def _register(self) -> None:
        answer = await self.session.call(
            CLIENTS,
            {
                "install": self.session.keystore.get("install"),
                "platform": self.app.platform,
                "app": self.app.version,
                "schema": self.app.schema,
            },
        )
        self.answers.take_registration(answer)
