"""The control API: begins stories, takes the client's states, gives verdicts. Loopback only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tools.conform.http import HttpServer, Request, Response, json_response
from tools.conform.repertoire import STORIES
from tools.conform.rules import Broken
from tools.conform.stage import Report, Stage
from tools.conform.stories import Story, about

PAGE = "docs/protocol.md"
# What a state has: its type, and how many members each row has if it is a list of rows.
STATE: dict[str, tuple[type, int]] = {
    "busy": (bool, 0),
    "screen": (str, 0),
    "update_screen": (bool, 0),
    "entries": (list, 5),
    "pending": (list, 4),
    "outbox": (list, 0),
    "not_sent": (list, 2),
}


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
        known = {"story": name, "about": about(STORIES[name]), **self.where}
        return await _answer(first, self.task, known)

    async def _judge(self, state: dict[str, Any]) -> Response:
        if wrong := [name for name in STATE if not _is_well_formed(name, state.get(name))]:
            title = f"Wrong in the state: {', '.join(wrong)}. See docs/conformance.md."
            return json_response(400, {"title": title})
        if not self.stage or not self.task or self.task.done():
            return json_response(409, {"title": "No story is being played."})
        report = Report(state, asyncio.get_running_loop().create_future())
        self.stage.reports.put_nowait(report)
        return await _answer(report.answer, self.task, {})

    async def _end(self) -> None:
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


async def _answer(
    answer: asyncio.Future[dict[str, Any]], story: asyncio.Task[None], more: dict[str, Any]
) -> Response:
    """What the story answers, with `more`, or how it ended without an answer."""
    either: set[asyncio.Future[Any]] = {answer, story}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if answer.done():
        return json_response(200, more | answer.result())
    if story.cancelled():
        return json_response(409, {"title": "Another story has begun."})
    # A defect of the story, which must not look like a pass.
    return json_response(500, {"title": f"The story failed: {story.exception()!r}"})


def _is_well_formed(name: str, value: Any) -> bool:
    kind, members = STATE[name]
    rows = value if members and isinstance(value, list) else []
    return isinstance(value, kind) and all(
        isinstance(row, list) and len(row) == members for row in rows
    )


async def _play(play: Story, stage: Stage) -> None:
    try:
        await play(stage)
        stage.answer({"verdict": "pass"})
    except Broken as broken:
        where = f"{PAGE}, “{broken.rule.section}”"
        stage.answer(
            {"verdict": "fail", "differs": broken.seen, "rule": broken.rule.text, "where": where}
        )
