"""A player's phone: the reference phone plus the operating system that delivers its pushes."""

import asyncio
import secrets
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from clients.phone import Phone, PhoneError
from tools.demo.overlays import OVERLAYS
from tools.demo.product import Product

PUSH = "/api/v1/sync/push"
EVERY = 0.2  # seconds between polls of the push simulator


class Handset:
    def __init__(self, name: str, email: str, product: Product) -> None:
        self.name, self.email, self.product = name, email, product
        self.folder = tempfile.TemporaryDirectory(prefix="handrail-phone-")
        self.phone = Phone(
            product.system.web,
            Path(self.folder.name) / "phone.db",
            name=name,
            overlays=OVERLAYS,
            live=product.system.live,
        )
        self.push_token = f"demo-{secrets.token_hex(16)}"
        self.last_token = ""  # the access token after the last sign-in
        self._app = AsyncExitStack()
        self._push_delivery: asyncio.Task[None] | None = None

    async def enrol(self, code: str, date_of_birth: str) -> None:
        await self.phone.enrol(code, date_of_birth)
        await self._start()

    async def sign_in(self) -> None:
        earlier = self.product.letters(self.email)
        await self.phone.request_code(self.email)
        await self.phone.confirm_code(await self.product.mailed_code(self.email, earlier))
        await self._start()

    async def _start(self) -> None:
        """Register for pushes, sync for the first time, and receive pushes from now on."""
        self.last_token = self.phone.session.token()
        self.phone.register_push(self.push_token)
        await self.phone.sync()
        self._push_delivery = asyncio.create_task(self._deliver_pushes())

    async def _deliver_pushes(self) -> None:
        """A push wakes the app, open or not, and the app pulls."""
        while True:
            with suppress(PhoneError):
                if self.phone.network.online and await self.phone.pushes.collect(
                    self.product.system.fcm, self.push_token
                ):
                    await self.phone.sync()
            await asyncio.sleep(EVERY)

    async def open(self) -> None:
        """Open the app and its socket, until close()."""
        await self._app.enter_async_context(self.phone.connected())

    async def offline(self) -> None:
        await self.phone.offline()

    async def online(self) -> None:
        self.phone.online()

    async def act(self, action: str, data: dict[str, Any]) -> str:
        return self.phone.do(action, data)

    def documents(self, kind: str) -> list[dict[str, Any]]:
        """The documents of one kind as screens show them; empty on a wiped phone."""
        try:
            documents = self.phone.documents(kind)
        except PhoneError:
            return []
        return [{"id": d.id, "scope": d.scope, "pending": d.pending, **d.body} for d in documents]

    def times_pushed(self) -> int:
        """How often the phone has pushed its outbox."""
        return self.phone.network.requests.count(PUSH)

    async def close(self) -> None:
        if self._push_delivery:
            self._push_delivery.cancel()
            await asyncio.gather(self._push_delivery, return_exceptions=True)
        await self._app.aclose()
        await self.phone.close()
        self.folder.cleanup()
