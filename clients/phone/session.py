"""The signed-in user of this phone: tokens, refresh, remote wipe, sign-out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from clients.phone import device
from clients.phone.errors import (
    UNPROVEN,
    InsecureHome,
    Offline,
    Problem,
    SignedOut,
    Unreachable,
    Wiped,
)
from clients.phone.keystore import Keystore
from clients.phone.network import Reply
from clients.phone.store import Store
from clients.phone.wire import Wire

TOKENS = ("access_token", "refresh_token", "access_expires_at", "session")
REFRESH = "/api/v1/sessions/refresh"
REFRESH_TRIES = 3  # after a lost answer the same token can be used again at once


class Session:
    def __init__(self, home: str, wire: Wire, store: Store, keystore: Keystore) -> None:
        self.wire = wire
        self.store = store
        self.keystore = keystore
        self.after_refresh: Callable[[], None] = lambda: None
        self._first_home = home.rstrip("/")
        self._refreshing = asyncio.Lock()
        if self.is_wiped:
            # A crash may have interrupted the wipe after the keys.
            self.store.empty()

    @property
    def home(self) -> str:
        """The URL of the user's server. It changes when an organisation moves."""
        return self.keystore.get("home") or self._first_home

    def move(self, url: str) -> None:
        """Store a new home. Raises InsecureHome if tokens would then be sent unencrypted."""
        if urlsplit(self.home).scheme == "https" and urlsplit(url).scheme != "https":
            raise InsecureHome(url)
        self.keystore.put(home=url.rstrip("/"))

    @property
    def is_signed_in(self) -> bool:
        return bool(self.keystore.get("refresh_token"))

    @property
    def is_wiped(self) -> bool:
        return bool(self.keystore.get("wiped"))

    def token(self) -> str:
        token = self.keystore.get("access_token")
        if self.is_wiped:
            raise Wiped
        if not token:
            raise SignedOut
        return str(token)

    def start_over(self) -> None:
        """Make a wiped phone usable again, with a new install id and new keys."""
        if self.is_wiped:
            self.keystore.erase(home=self.keystore.get("home"))
            self.keystore.provision()

    def begin(self, user: str, tokens: dict[str, Any]) -> None:
        """Store the tokens of a new sign-in. The data of another user is erased first."""
        if self.store.get("user") not in (None, user):
            self.store.empty()
        self.keystore.put(**{name: tokens.get(name) for name in TOKENS})
        with self.store.transaction():
            self.store.put(user=user)

    async def call(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        """POST as the signed-in user; refresh an expired token once."""
        return _json(await self.exchange(path, body, **headers))

    async def exchange(self, path: str, body: Any, **headers: str) -> Reply:
        """Like `call`, but returns the whole reply, for answers that are not JSON."""
        token = self.token()
        try:
            return await self._post(path, body, token, **headers)
        except Problem as problem:
            if problem.status != 401:
                raise
        await self.refresh(stale=token)
        try:
            return await self._post(path, body, self.token(), **headers)
        except Problem as problem:
            if problem.status == 401:
                raise SignedOut(problem.code) from problem
            raise

    async def ask(
        self, path: str, body: Any, token: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """POST with an optional token; follow the server to a new home."""
        return _json(await self._follow_move(lambda: self._post(path, body, token, **headers)))

    async def _follow_move(self, send: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send, and send again if the home has moved. Not for requests under a client id: there
        the phone must register first (remedies.py)."""
        try:
            return await send()
        except Problem as problem:
            if problem.status != 421:
                raise
            self.move(problem.body["url"])
        return await send()

    async def _post(self, path: str, body: Any, token: str | None = None, **headers: str) -> Reply:
        """POST once. An order to wipe is obeyed, whatever the request was."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            return await self.wire.post(self.home + path, body, headers)
        except Problem as problem:
            if problem.status == 410 and problem.code == "wipe":
                await self.wipe(problem.body.get("receipt"))
            raise

    async def refresh(self, stale: str) -> None:
        """Replace the token `stale`."""
        async with self._refreshing:
            # While we waited for the lock, another caller may have refreshed it already.
            if self.keystore.get("access_token") != stale:
                return
            try:
                tokens = await self._request_tokens()
            except Problem as problem:
                if problem.status not in (400, 401, 403) or problem.code == UNPROVEN:
                    raise
                self.keystore.put(**dict.fromkeys(TOKENS))
                raise SignedOut(problem.code) from problem
            self.keystore.put(**{name: tokens[name] for name in TOKENS if name in tokens})
            self.after_refresh()

    async def _request_tokens(self) -> dict[str, Any]:
        for _ in range(REFRESH_TRIES - 1):
            try:
                return _json(await self._post(REFRESH, self._refresh_body()))
            except Offline:
                raise
            except Unreachable:
                continue
            except Problem as problem:
                if problem.code != UNPROVEN:
                    raise
        return _json(await self._post(REFRESH, self._refresh_body()))

    def _refresh_body(self) -> dict[str, Any]:
        """Sign each try separately, because the server accepts a signature once."""
        token, session = self.keystore.get("refresh_token"), self.keystore.get("session")
        key, now = self.keystore.get("device_key"), self.wire.now()
        proof = device.proof(key, self.home + REFRESH, now, session or "", token)
        return {"refresh_token": token, "proof": proof}

    async def wipe(self, receipt: str | None) -> None:
        """Erase keys, then data, then acknowledge. Always raises `Wiped`.

        The keys are erased first and atomically, so that a crash leaves nothing readable.
        """
        self.keystore.erase(wiped=True, receipt=receipt, home=self.keystore.get("home"))
        self.store.empty()
        await self.acknowledge_wipe()
        raise Wiped

    async def revoked(self) -> None:
        """A close code revoked this client. Erase everything but the dead token, which identifies
        this phone when it fetches the wipe receipt. Always raises `Wiped`."""
        token = self.keystore.get("access_token")
        self.keystore.erase(wiped=True, last_token=token, home=self.keystore.get("home"))
        self.store.empty()
        await self.acknowledge_wipe()
        raise Wiped

    async def acknowledge_wipe(self) -> None:
        """Return the receipt of a wipe to the server; fetch it first if necessary. The next sync
        tries again if the network is down."""
        try:
            token = self.keystore.get("last_token")
            if token:
                # Any request with a revoked token is answered with the order to wipe.
                await self.ask("/api/v1/live/ticket", {}, token)
            receipt = self.keystore.get("receipt")
            if receipt:
                await self.ask("/api/v1/sessions/wipe-receipt", {"receipt": receipt})
        except (Unreachable, Problem) as error:
            if not isinstance(error, Problem) or error.is_passing:
                return
        if self.is_wiped:
            self.keystore.erase(wiped=True, home=self.keystore.get("home"))

    async def sign_out(self) -> None:
        """End the session on the server, then erase everything here."""
        await self._follow_move(lambda: self.exchange("/api/v1/sessions/sign-out", {}))
        self.keystore.erase(wiped=True, home=self.keystore.get("home"))
        self.store.empty()
        self.start_over()


def _json(reply: Reply) -> dict[str, Any]:
    """The answer's body. Raises Unreachable for a page of something in between, such as a captive
    portal, that says 200."""
    if not reply.is_json:
        raise Unreachable("The answer is not JSON.")
    return reply.body
