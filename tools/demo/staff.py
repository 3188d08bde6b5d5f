"""A member of staff at a browser: enrols, sets up a second factor, reads lists, acts."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from tools.demo.world import World, until

CEREMONY = "/auth/app/v1/"
PERIOD, DIGITS = 30, 6


class Refused(Exception):
    """The server said no; `code` is its reason."""

    def __init__(self, answer: httpx.Response) -> None:
        body = answer.json() if answer.content else {}
        self.status, self.code = answer.status_code, str(body.get("code", ""))
        super().__init__(f"{answer.request.url.path}: {answer.status_code} {body}")


class Staff:
    def __init__(self, name: str, email: str, world: World) -> None:
        self.name, self.email, self.world = name, email, world
        self.http = httpx.AsyncClient(base_url=world.house.web, timeout=30)
        self.secret, self.last_period = "", 0
        self.install = secrets.token_urlsafe(24)
        self.device = {"platform": "web", "app": "1.0.0", "name": f"{name}'s browser"}

    async def enrol(self) -> None:
        """Come in with the printed one-use code."""
        code = self.world.printed_code(self.email)
        self._signed_in(await self._ask("POST", "/api/v1/enrolment", code=code, **self._app()))

    async def add_second_factor(self) -> None:
        """Set up an authenticator app and prove it."""
        path = f"{CEREMONY}account/authenticators/totp"
        answer = await self._send("GET", path)
        self.secret = answer.json()["meta"]["secret"]
        self._signed_in((await self._ask("POST", path, code=await self._fresh_code()))["meta"])

    async def sign_out(self) -> None:
        await self._ask("POST", "/api/v1/sessions/sign-out")
        del self.http.headers["Authorization"]

    async def sign_in(self) -> None:
        """The whole ceremony: a code by e-mail, then the authenticator app."""
        known = self.world.letters(self.email)
        asked = await self._send("POST", f"{CEREMONY}auth/code/request", email=self.email)
        self.http.headers["X-Session-Token"] = asked.json()["meta"]["session_token"]
        code = await self.world.mailed_code(self.email, known)
        half = await self._send("POST", f"{CEREMONY}auth/code/confirm", code=code, **self._app())
        if half.status_code != 401:
            raise Refused(half)
        done = {"code": await self._fresh_code(), **self._app()}
        answer = await self._ask("POST", f"{CEREMONY}auth/2fa/authenticate", **done)
        del self.http.headers["X-Session-Token"]
        self._signed_in(answer["meta"])

    async def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Perform an action; what it answers, and what it answers only once. Refused."""
        key = {"Idempotency-Key": str(uuid7())}
        answer = await self.http.post(f"/api/v1/actions/{action}", json=data, headers=key)
        body = _checked(answer)
        return {**(body.get("data") or {}), **(body.get("once") or {})}

    async def read(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        """The first page of a list. Refused."""
        body = _checked(await self.http.get(f"/api/v1/{path}", params=asked))
        return list(body["results"] if isinstance(body, dict) else body)

    async def close(self) -> None:
        await self.http.aclose()

    async def _send(self, method: str, path: str, **body: Any) -> httpx.Response:
        return await self.http.request(method, path, json=body if method == "POST" else None)

    async def _ask(self, method: str, path: str, **body: Any) -> Any:
        return _checked(await self._send(method, path, **body))

    def _app(self) -> dict[str, Any]:
        return {"install": self.install, "device": self.device}

    def _signed_in(self, tokens: dict[str, Any]) -> None:
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    async def _fresh_code(self) -> str:
        """Each code counts once, so wait until the app shows another."""
        await until(lambda: _period() > self.last_period, "a new code in the app", PERIOD + 1.0)
        self.last_period = _period()
        return totp(self.secret, self.last_period)


def totp(secret: str, period: int) -> str:
    """RFC 6238 with SHA-1 and six digits, as authenticator apps do it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, period.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _period() -> int:
    return int(time.time()) // PERIOD


def _checked(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise Refused(answer)
    return answer.json() if answer.content else {}
