"""The control API: begins stories, takes the client's states, gives verdicts. Loopback only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tools.conform import (
    stories_live,
    stories_outbox,
    stories_pages,
    stories_requests,
    stories_screen,
)
from tools.conform.http import HttpServer, Request, Response, json_response
from tools.conform.rules import Broken
from tools.conform.stage import Report, Stage
from tools.conform.stories import STORIES, Story, about

PAGE = "docs/protocol.md"
# What a state has, and the default if it may be left out.
STATE: dict[str, type] = {
    "busy": bool, "screen": str, "update_screen": bool,
    "entries": list, "pending": list, "outbox": list, "not_sent": list,
}  # fmt: skip
LOADED = (stories_live, stories_outbox, stories_pages, stories_requests, stories_screen)


class Control(HttpServer):
    """One story at a time. Beginning another one ends it."""

    def __init__(self, stage: Callable[[], Stage], where: dict[str, str], port: int) -> None:
        super().__init__(self._handle, port)
        self.new_stage, self.where = stage, where
        self.stage: Stage | None = None
        self.task: asyncio.Task[None] | None = None

    async def __aexit__(self, *_: object) -> None:
        await self._end()
        await super().__aexit__()

    async def _handle(self, request: Request) -> Response:
        path = request.path.removeprefix("/conform/")
        if path == "stories":
            return json_response(200, {name: about(play) for name, play in STORIES.items()})
        if request.method == "POST" and path.startswith("stories/"):
            return await self._begin(path.removeprefix("stories/"))
        if request.method == "POST" and path == "state":
            return await self._judge(request.json)
        return json_response(404, {"title": "There is no such URL. See docs/conformance.md."})

    async def _begin(self, name: str) -> Response:
        if name not in STORIES:
            return json_response(404, {"title": f"There is no story {name}."})
        await self._end()
        self.stage = self.new_stage()
        first = self.stage.wait_for_first()
        self.task = asyncio.create_task(_play(STORIES[name], self.stage))
        told = {"story": name, "about": about(STORIES[name]), **self.where}
        return json_response(200, told | await first)

    async def _judge(self, state: dict[str, Any]) -> Response:
        lacks = [name for name, kind in STATE.items() if not isinstance(state.get(name), kind)]
        if lacks:
            return json_response(400, {"title": f"The state lacks {', '.join(lacks)}."})
        if not self.stage or not self.task or self.task.done():
            return json_response(409, {"title": "No story is being played."})
        report = Report(state, asyncio.get_running_loop().create_future())
        self.stage.reports.put_nowait(report)
        await asyncio.wait({report.answer, self.task}, return_when=asyncio.FIRST_COMPLETED)
        if not report.answer.done():  # a defect of the story, which must not look like a pass
            return json_response(500, {"title": f"The story failed: {self.task.exception()!r}"})
        return json_response(200, report.answer.result())

    async def _end(self) -> None:
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


async def _play(play: Story, stage: Stage) -> None:
    try:
        await play(stage)
        stage.answer({"verdict": "pass"})
    except Broken as broken:
        where = f"{PAGE}, “{broken.rule.section}”"
        stage.answer(
            {"verdict": "fail", "differs": broken.seen, "rule": broken.rule.text, "where": where}
        )
