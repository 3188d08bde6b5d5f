"""The simulator's HTTP endpoints: two of Google's, one of a browser's push service, and ours to
subscribe browsers, read inboxes and set answers."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from notifications.fcm_simulator.answers import (
    ACCEPTING,
    ANY_DEVICE,
    OF_BROWSERS,
    Answer,
    Script,
    bad_request,
)
from notifications.fcm_simulator.browsers import Browsers
from notifications.fcm_simulator.browsers import Refusal as NotDelivered
from notifications.fcm_simulator.inbox import Inboxes, Request
from notifications.fcm_simulator.oauth import PROJECT, Authority, Refusal
from notifications.fcm_simulator.schema import Violation, violations

SHOWN_HEADERS = ("TTL", "Urgency", "Topic")
PAGE = Path(__file__).with_name("page.html")
TOKEN = re.compile(r"[A-Za-z0-9_:.-]{8,4096}")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
)


class Simulator:
    """Keeps everything in memory, within bounds."""

    def __init__(self, endpoint: str) -> None:
        self.authority = Authority(f"{endpoint}/token")
        self.browsers = Browsers(endpoint)
        self.script = Script()
        self.inboxes = Inboxes()
        self._numbers = itertools.count(1)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024)
        app.add_routes(
            [
                web.post("/v1/projects/{project}/messages:send", self.send),
                web.post("/token", self.token),
                web.post("/webpush/{name}", self.push_to_browser),
                web.post("/simulator/subscriptions", self.subscribe),
                web.delete("/simulator/subscriptions/{name}", self.unsubscribe),
                web.get("/", self.page),
                web.get("/simulator/credentials.json", self.credentials),
                web.get("/simulator/inboxes", self.overview),
                web.delete("/simulator/inboxes", self.clear),
                web.get("/simulator/inboxes/{token}", self.inbox),
                web.delete("/simulator/inboxes/{token}", self.clear),
                web.put("/simulator/answers/{token}", self.set_answers),
                web.delete("/simulator/answers", self.clear_answers),
                web.put("/simulator/account", self.account),
            ]
        )
        return app

    async def send(self, request: web.Request) -> web.StreamResponse:
        """`messages:send`: checks the credential, then the request, then gives the set answer."""
        raw = await request.text()
        refusal = self._refusal(request, raw)
        if refusal:
            return _json(*refusal)
        message = json.loads(raw)["message"]
        token = message.get("token") or message.get("fid") or ""
        answer = self._answer(token)
        accepted = answer.kind in ACCEPTING
        self.inboxes.add(Request(time.time(), token, raw, answer.kind, accepted))
        await _take_time(request, answer)
        if accepted:
            number = f"0:{time.time_ns() // 1000}%{next(self._numbers):x}"
            return _json(200, {"name": f"projects/{PROJECT}/messages/{number}"})
        status, body = answer.error() if answer.kind != "reset" else (500, {})
        return _json(status, body, answer.headers())

    async def push_to_browser(self, request: web.Request) -> web.Response:
        """One push to a browser: refused if it is not as the RFCs say, else the set answer."""
        name, body = request.match_info["name"], await request.read()
        try:
            text = self.browsers.receive(name, request.headers, body)
        except NotDelivered as refusal:
            return web.Response(status=refusal.status, text=str(refusal))
        answer = self.script.next(name)
        accepted = answer.kind in ACCEPTING
        headers = {key: request.headers[key] for key in SHOWN_HEADERS if key in request.headers}
        self.inboxes.add(
            Request(time.time(), name, text, answer.kind, accepted, len(body), headers)
        )
        await _take_time(request, answer)
        if accepted:
            return web.Response(status=201, headers={"Location": f"/message/{next(self._numbers)}"})
        back = {"Location": str(request.url)} if answer.kind == "redirect" else {}
        return web.Response(
            status=OF_BROWSERS.get(answer.kind, 500), headers=answer.headers() | back
        )

    async def subscribe(self, request: web.Request) -> web.Response:
        """`{"key": ...}`: what the `applicationServerKey` is to a real browser; "" for any key."""
        try:
            key = str((await request.json()).get("key") or "")
        except (ValueError, AttributeError):
            return _json(400, {"error": "an object with `key` is expected"})
        return _json(201, self.browsers.subscribe(key))

    async def unsubscribe(self, request: web.Request) -> web.Response:
        self.browsers.unsubscribe(request.match_info["name"])
        return web.Response(status=204)

    def _refusal(self, request: web.Request, raw: str) -> tuple[int, dict[str, Any]] | None:
        if not self.authority.knows(request.headers.get("Authorization", "")):
            return Answer("unauthenticated").error()
        if request.match_info["project"] != PROJECT:
            return Answer("permission_denied").error()
        try:
            problems = violations(json.loads(raw))
        except ValueError:
            return bad_request([Violation("", "Invalid JSON payload received.")])
        return bad_request(problems) if problems else None

    def _answer(self, token: str) -> Answer:
        return self.script.next(token) if TOKEN.fullmatch(token) else Answer("invalid_registration")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        try:
            issued = self.authority.issue(
                str(form.get("grant_type", "")), str(form.get("assertion", ""))
            )
        except Refusal:
            reason = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return _json(400, reason)
        return _json(200, issued)

    async def page(self, _: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": POLICY}
        return web.Response(text=PAGE.read_text(), content_type="text/html", headers=headers)

    async def credentials(self, _: web.Request) -> web.Response:
        return _json(200, self.authority.credentials())

    async def overview(self, _: web.Request) -> web.Response:
        rows = self.inboxes.overview()
        return _json(200, {"requests": self.inboxes.requests, "inboxes": rows[:500]})

    async def inbox(self, request: web.Request) -> web.Response:
        return _json(200, {"messages": self.inboxes.of(request.match_info["token"])})

    async def clear(self, request: web.Request) -> web.Response:
        self.inboxes.clear(request.match_info.get("token"))
        return web.Response(status=204)

    async def set_answers(self, request: web.Request) -> web.Response:
        """`{"answers": [{"kind": ...}, ...], "repeat": false}` for one token, or for "*"."""
        try:
            body = await request.json()
            answers = [Answer.parse(item) for item in body["answers"]]
        except (ValueError, KeyError, TypeError) as problem:
            return _json(400, {"error": str(problem), "any_device": ANY_DEVICE})
        repeat = bool(body.get("repeat"))
        self.script.set(request.match_info["token"], answers, repeat=repeat)
        return web.Response(status=204)

    async def clear_answers(self, _: web.Request) -> web.Response:
        self.script.clear()
        return web.Response(status=204)

    async def account(self, request: web.Request) -> web.Response:
        """`{"refused": true}`: issue no more bearer tokens and revoke all earlier ones."""
        self.authority.refusing = bool((await request.json()).get("refused"))
        if self.authority.refusing:
            self.authority.revoke()
        return web.Response(status=204)


async def _take_time(request: web.Request, answer: Answer) -> None:
    if answer.kind in {"reset", "lost"} and request.transport:
        request.transport.abort()
    await asyncio.sleep(answer.seconds)


def _json(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)
