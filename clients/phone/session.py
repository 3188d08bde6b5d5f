"""Who this phone is signed in as: tokens, refresh, remote wipe, sign-out."""

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
REFRESH_TRIES = 3  # a lost answer is repaired by asking again with the same token, at once


class Session:
    def __init__(self, home: str, wire: Wire, store: Store, keystore: Keystore) -> None:
        self.wire = wire
        self.store = store
        self.keystore = keystore
        self.after_refresh: Callable[[], None] = lambda: None
        self._first_home = home.rstrip("/")
        self._refreshing = asyncio.Lock()
        self._finish_interrupted_wipe()

    @property
    def home(self) -> str:
        """Where this person's data lives; an organisation may move."""
        return self.keystore.get("home") or self._first_home

    def move(self, url: str) -> None:
        """Remember a new home; never one that would send tokens in the clear."""
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
        """Make a wiped phone usable again: a new install with new keys."""
        if self.is_wiped:
            self.keystore.erase(home=self.keystore.get("home"))
            self.keystore.provision()

    def begin(self, user: str, tokens: dict[str, Any]) -> None:
        """Somebody signed in. What another person left on this phone goes first."""
        if self.store.get("user") not in (None, user):
            self.store.empty()
        self.keystore.put(**{name: tokens.get(name) for name in TOKENS})
        with self.store.transaction():
            self.store.put(user=user)

    async def call(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        """POST as the person signed in; an expired token is refreshed once on the way."""
        return (await self.exchange(path, body, **headers)).body

    async def exchange(self, path: str, body: Any, **headers: str) -> Reply:
        """The same, for an answer that is not JSON."""
        token = self.token()
        try:
            return await self._ask(path, body, token, **headers)
        except Problem as problem:
            if problem.status != 401:
                raise
        await self.refresh(stale=token)
        return await self._ask_again(path, body, **headers)

    async def _ask_again(self, path: str, body: Any, **headers: str) -> Reply:
        try:
            return await self._ask(path, body, self.token(), **headers)
        except Problem as problem:
            if problem.status == 401:
                raise SignedOut(problem.code) from problem
            raise

    async def ask(
        self, path: str, body: Any, token: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """POST, with a token if given, at the new home if there is one by now."""
        return (await self._following(lambda: self._ask(path, body, token, **headers))).body

    async def _following(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Ask, and once more where this home has moved to. Not for what goes on under a client id:
        the phone registers there first (remedies.py)."""
        try:
            return await ask()
        except Problem as problem:
            if problem.status != 421:
                raise
            self.move(problem.body["url"])
        return await ask()

    async def _ask(self, path: str, body: Any, token: str | None = None, **headers: str) -> Reply:
        """Obeys an order to wipe, whatever was asked."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            return await self.wire.post(self.home + path, body, headers)
        except Problem as problem:
            if problem.status == 410 and problem.code == "wipe":
                await self.wipe(problem.body.get("receipt"))
            raise

    async def refresh(self, stale: str) -> None:
        """Replace the token `stale`. Whoever comes second finds the work done."""
        async with self._refreshing:
            if self.keystore.get("access_token") == stale:
                await self._refresh()

    async def _refresh(self) -> None:
        try:
            tokens = await self._ask_for_tokens()
        except Problem as problem:
            if problem.status not in (400, 401, 403) or problem.code == UNPROVEN:
                raise
            self.keystore.put(**dict.fromkeys(TOKENS))
            raise SignedOut(problem.code) from problem
        self.keystore.put(**{name: tokens[name] for name in TOKENS if name in tokens})
        self.after_refresh()

    async def _ask_for_tokens(self) -> dict[str, Any]:
        for _ in range(REFRESH_TRIES - 1):
            try:
                return (await self._ask(REFRESH, self._refresh_body())).body
            except Offline:
                raise
            except Unreachable:
                continue
            except Problem as problem:
                if problem.code != UNPROVEN:
                    raise
        return (await self._ask(REFRESH, self._refresh_body())).body

    def _refresh_body(self) -> dict[str, Any]:
        """Each try is signed anew, because a signature counts once."""
        token, session = self.keystore.get("refresh_token"), self.keystore.get("session")
        key, now = self.keystore.get("device_key"), self.wire.now()
        proof = device.proof(key, self.home + REFRESH, now, session or "", token)
        return {"refresh_token": token, "proof": proof}

    async def wipe(self, receipt: str | None) -> None:
        """Forget keys, then data, then say so. Always raises `Wiped`.

        The keys go first and in one step: what a crash leaves behind cannot be read.
        """
        self.keystore.erase(wiped=True, receipt=receipt, home=self.keystore.get("home"))
        self.store.empty()
        await self.acknowledge_wipe()
        raise Wiped

    async def revoked(self) -> None:
        """The socket said that this client is revoked. Erase at once; the dead token stays only
        to prove, at the next contact, who has been wiped. Always raises."""
        token = self.keystore.get("access_token")
        self.keystore.erase(wiped=True, last_token=token, home=self.keystore.get("home"))
        self.store.empty()
        await self.acknowledge_wipe()
        raise Wiped

    async def acknowledge_wipe(self) -> None:
        """Hand back the receipt of a wipe, fetching it first if need be. If the network is away
        the next contact tries again."""
        try:
            await self._fetch_receipt()
            await self._hand_back_receipt()
        except (Unreachable, Problem) as trouble:
            if not isinstance(trouble, Problem) or trouble.is_passing:
                return
        if self.is_wiped:
            self.keystore.erase(wiped=True, home=self.keystore.get("home"))

    async def _fetch_receipt(self) -> None:
        token = self.keystore.get("last_token")
        if token:
            await self.ask("/api/v1/live/ticket", {}, token)

    async def _hand_back_receipt(self) -> None:
        receipt = self.keystore.get("receipt")
        if receipt:
            await self.ask("/api/v1/sessions/wipe-receipt", {"receipt": receipt})

    def _finish_interrupted_wipe(self) -> None:
        if self.is_wiped:
            self.store.empty()

    async def sign_out(self) -> None:
        """End the session on the server, then forget everything here."""
        await self._following(lambda: self.exchange("/api/v1/sessions/sign-out", {}))
        self.keystore.erase(wiped=True, home=self.keystore.get("home"))
        self.store.empty()
        self.start_over()
