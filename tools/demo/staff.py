"""A member of staff, who enrols, adds a second factor, reads lists and acts through the API."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from tools.demo.product import Product
from tools.demo.waiting import until

CEREMONY = "/auth/app/v1/"
PERIOD, DIGITS = 30, 6


class Refused(Exception):
    """The server refused; `code` is the reason."""

    def __init__(self, answer: httpx.Response) -> None:
        body = answer.json() if answer.content else {}
        self.status, self.code = answer.status_code, str(body.get("code", ""))
        super().__init__(f"{answer.request.url.path}: {answer.status_code} {body}")


class Staff:
    def __init__(self, name: str, email: str, product: Product) -> None:
        self.name, self.email, self.product = name, email, product
        self.http = httpx.AsyncClient(base_url=product.system.web, timeout=30)
        self.secret, self.last_period = "", 0
        self.install = secrets.token_urlsafe(24)
        self.device = {"platform": "web", "app": "1.0.0", "name": f"{name}'s browser"}

    async def enrol(self, code: str = "") -> None:
        """Enrol with this one-use code, or the one that was printed at the start."""
        code = code or self.product.printed_code(self.email)
        self._signed_in(await self._ask("POST", "/api/v1/enrolment", code=code, **self._app()))

    async def add_second_factor(self) -> None:
        """Set up an authenticator app and confirm it with a code."""
        path = f"{CEREMONY}account/authenticators/totp"
        answer = await self._send("GET", path)
        self.secret = answer.json()["meta"]["secret"]
        self._signed_in((await self._ask("POST", path, code=await self._fresh_code()))["meta"])

    async def sign_out(self) -> None:
        await self._ask("POST", "/api/v1/sessions/sign-out")
        del self.http.headers["Authorization"]

    async def act(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        """Perform an action. Returns its answer together with the one-time part. Raises Refused."""
        key = {"Idempotency-Key": str(uuid7())}
        answer = await self.http.post(f"/api/v1/actions/{action}", json=data, headers=key)
        body = _checked(answer)
        return {**(body.get("data") or {}), **(body.get("once") or {})}

    async def read(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the first page of a list. Raises Refused."""
        body = _checked(await self.http.get(f"/api/v1/{path}", params=parameters))
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
        """The server accepts each code once, so wait until the app shows a new one."""
        await until(lambda: _period() > self.last_period, "a new code in the app", PERIOD + 1.0)
        self.last_period = _period()
        return totp(self.secret, self.last_period)


def totp(secret: str, period: int) -> str:
    """RFC 6238 with SHA-1 and six digits, like authenticator apps."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, period.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _period() -> int:
    return int(time.time()) // PERIOD


def _checked(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise Refused(answer)
    return answer.json() if answer.content else {}
