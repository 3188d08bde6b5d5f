"""The HTTP endpoints in front of the real ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Self

import httpx

from tools.conform.http import HttpServer, Request, Response
from tools.conform.trouble import NAMES, Trouble
from tools.conform.watch import Watch

PATIENCE = 60.0  # seconds for the real server to answer
HOP_BY_HOP = {
    "connection", "content-length", "expect", "keep-alive", "transfer-encoding", "accept-encoding"
}  # fmt: skip
ALREADY_DECODED = {*HOP_BY_HOP, "content-encoding"}


class Front(HttpServer):
    """Passes on what phones ask. `troubles` and `watch` belong to the story that is played; what an
    earlier story's phone still sends under its old token passes without either."""

    def __init__(self, home: str, port: int) -> None:
        super().__init__(self._handle, port)
        self.home = home
        self.troubles: list[Trouble] = []
        self.begin()

    def begin(self) -> None:
        """Another story begins. Answers that the last one still holds are let go, so that its phone
        can end."""
        for gate in [each.gate for each in self.troubles if each.gate]:
            gate.open()
        self.troubles = []
        self.watch = Watch()

    async def __aenter__(self) -> Self:
        limits = httpx.Limits(max_connections=None)
        self._http = httpx.AsyncClient(base_url=self.home, timeout=PATIENCE, limits=limits)
        return await super().__aenter__()

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        await self._http.aclose()

    def plan(self, trouble: Trouble) -> Trouble:
        self.troubles.append(trouble)
        return trouble

    async def _handle(self, request: Request) -> Response | None:
        watch = self.watch
        if not watch.is_about(request):
            return await self._ask(request)
        name = NAMES.get(request.path, request.path)
        seen = watch.asked(name, request)
        response = await self._answer(request, self._befalling(name, request))
        watch.answered(seen, response)
        return response

    def _befalling(self, name: str, request: Request) -> list[Trouble]:
        """What befalls this request: of losses and answers one, of changes and gates all."""
        befalling: list[Trouble] = []
        for each in self.troubles:
            is_second = each.is_fate and any(other.is_fate for other in befalling)
            if not is_second and each.befalls(name, request):
                befalling.append(each)
        return befalling

    async def _answer(self, request: Request, troubles: list[Trouble]) -> Response | None:
        fate = next((each for each in troubles if each.is_fate), None)
        if fate and fate.lose == "request":
            return None
        if fate and fate.answer:
            return fate.answer
        for ask in [each.ask for each in troubles if each.ask]:
            request = replace(request, body=json.dumps(ask(request.json)).encode())
        response = await self._ask(request)
        for say in [each.say for each in troubles if each.say and response.status < 300]:
            response = replace(response, body=json.dumps(say(response.json)).encode())
        for gate in [each.gate for each in troubles if each.gate]:
            await gate.passed()
        if fate and fate.lose == "answer":
            return None
        return replace(response, cut=fate is not None and fate.lose == "half")

    async def _ask(self, request: Request) -> Response:
        """The real server's answer. `Host` stays as the phone sent it: a proof signs it."""
        headers = {k: v for k, v in request.headers.items() if k not in HOP_BY_HOP}
        answer = await self._http.request(
            request.method, request.target, headers=headers, content=request.body
        )
        kept = {k: v for k, v in answer.headers.items() if k not in ALREADY_DECODED}
        return Response(answer.status_code, kept, answer.content)
