"""A phone in somebody's pocket: the reference phone, with pushes delivered as by its system."""

import asyncio
import secrets
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from clients.phone import Phone, PhoneError
from tools.demo.overlays import OVERLAYS
from tools.demo.world import World

PUSH = "/api/v1/sync/push"
EVERY = 0.2  # seconds between looks at the push service


class Handset:
    def __init__(self, name: str, email: str, world: World) -> None:
        self.name, self.email, self.world = name, email, world
        self.folder = tempfile.TemporaryDirectory(prefix="handrail-phone-")
        self.phone = Phone(
            world.house.web,
            Path(self.folder.name) / "phone.db",
            name=name,
            overlays=OVERLAYS,
            live=world.house.live,
        )
        self.push_token = f"demo-{secrets.token_hex(16)}"
        self.last_token = ""  # the access token it had when it was last looked at
        self._app = AsyncExitStack()
        self._radio: asyncio.Task[None] | None = None

    async def enrol(self, code: str, date_of_birth: str) -> None:
        await self.phone.enrol(code, date_of_birth)
        await self._begin()

    async def sign_in(self) -> None:
        """With a code by e-mail."""
        known = self.world.letters(self.email)
        await self.phone.request_code(self.email)
        await self.phone.confirm_code(await self.world.mailed_code(self.email, known))
        await self._begin()

    async def _begin(self) -> None:
        """Tell the server where pushes reach this phone, and read for the first time."""
        self.last_token = self.phone.session.token()
        self.phone.register_push(self.push_token)
        await self.phone.sync()
        self._radio = asyncio.create_task(self._take_pushes())

    async def _take_pushes(self) -> None:
        """A push wakes the app, open or not; what it then does is pull."""
        while True:
            with suppress(PhoneError):
                if self.phone.network.online and await self._fresh():
                    await self.phone.sync()
            await asyncio.sleep(EVERY)

    async def _fresh(self) -> int:
        return await self.phone.pushes.collect(self.world.house.fcm, self.push_token)

    async def open(self) -> None:
        """Open the app: its socket is up from now on."""
        await self._app.enter_async_context(self.phone.connected())

    async def act(self, action: str, data: dict[str, Any]) -> str:
        return self.phone.do(action, data)

    def documents(self, kind: str) -> list[dict[str, Any]]:
        """What its screens can show of one kind; nothing on a phone that was wiped."""
        try:
            found = self.phone.documents(kind)
        except PhoneError:
            return []
        return [{"id": d.id, "scope": d.scope, "pending": d.pending, **d.body} for d in found]

    def times_pushed(self) -> int:
        """How often it has handed in its outbox."""
        return self.phone.network.requests.count(PUSH)

    async def close(self) -> None:
        if self._radio:
            self._radio.cancel()
            await asyncio.gather(self._radio, return_exceptions=True)
        await self._app.aclose()
        await self.phone.close()
        self.folder.cleanup()
