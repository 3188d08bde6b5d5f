"""The TypeScript phone as a device of a vector (tests/vectors/device.py)."""

from __future__ import annotations

import base64
import json
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from clients.phone.clock import format_time
from tests.clients.js.drive import Drive, Event
from tests.vectors.device import OUTCOMES, Handler
from tests.vectors.held_network import as_request
from tests.vectors.player import Step

NO_CHANCE, LONGEST_CHANCE = 0.0, 1 - 2**-53


@dataclass
class NodeRequest:
    device: NodeDevice
    number: int
    path: str
    body: Any
    token: str | None

    def lose(self) -> None:
        self.device.ask("lose", request=self.number)


@dataclass
class NodePause:
    """The phone draws only one number, so a play sees only one bound of the pause."""

    device: NodeDevice
    number: int
    seconds: float

    def fits(self, waits: Step) -> bool:
        bound = "at_most" if self.device.chance else "at_least"
        return round(self.seconds, 3) == waits[bound]

    def end(self) -> None:
        self.device.ask("resume", backoff=self.number)


class NodeDevice:
    """`chance`: what its random number always is."""

    def __init__(
        self,
        drive: Drive,
        setup: dict[str, Any],
        folder: Path,
        at: datetime,
        *,
        chance: float = LONGEST_CHANCE,
        cipher: str = "quick",
        copied_from: tuple[str, bool] | None = None,
    ) -> None:
        self.drive, self.setup, self.folder, self.chance = drive, setup, folder, chance
        self.cipher = cipher
        self.events: deque[Event] = deque()
        self.ended: dict[int, str] = {}
        self.running: set[int] = set()
        self.said_so_far: dict[str, list[Any]] = {"dials": [], "sends": []}
        self.place: list[str] | None = None
        self.shown: Any = None
        self.time = at
        self.name = drive.phone(self._happened)
        if copied_from:
            other, with_keys = copied_from
            self.ask("copy", other=other, with_keys=with_keys)
        self._open()

    def ask(self, do: str, **args: Any) -> Any:
        return self.drive.ask(do, self.name, **args)

    def _happened(self, event: Event) -> None:
        for name, spoken in self.said_so_far.items():
            if name in event:
                spoken.append(event[name])
                return
        if "ended" in event:
            self.running.discard(event["ended"])
            self.ended[event["ended"]] = event["outcome"]
        elif event.keys() & {"request", "backoff", "dies"}:
            self.events.append(event)

    def _open(self) -> None:
        self.running, self.ended = set(), {}
        self.events.clear()
        self.ask(
            "open",
            home=self.setup["home"],
            app=self.setup["app"],
            overlays=self.setup["overlays"],
            now=format_time(self.time),
            chance=self.chance,
            cipher=self.cipher,
        )

    def sign_in(self, user: str, install: str, tokens: dict[str, Any]) -> None:
        self.ask("sign_in", user=user, install=install, tokens=tokens)

    # What the owner does

    def act(self, mutation: dict[str, Any]) -> None:
        args = {name: value for name, value in mutation["args"].items() if name != "attachments"}
        base = [entry[:3] for entry in mutation["base"]]
        self.ask("act", mutation=mutation | {"args": args, "base": base})

    def dismiss(self, uuid: str) -> None:
        self.ask("dismiss", uuid=uuid)

    async def update(self, version: str, schema: int) -> None:
        app = self.setup["app"] | {"version": version, "schema": schema}
        self.setup = self.setup | {"app": app}
        await self.restart()

    # Steps with requests

    async def play(self, step: Step, asks: Handler, pauses: Handler) -> str:
        run = self.ask("run", **self._what(step))
        if run not in self.ended:
            self.running.add(run)
        while run not in self.ended:
            if not self.events and "connects" in step:
                break  # the server's hello is a frame of the next step
            assert self.events, "waits for nothing"
            event = self.events.popleft()
            if "dies" in event:
                return "crash"
            if "backoff" in event:
                await pauses(NodePause(self, event["backoff"], event["ms"] / 1000))
            else:
                await asks(self._request(event))
        self.running.discard(run)
        return self._outcome(self.ended.pop(run, "done"))

    def _what(self, step: Step) -> Step:
        if "scrolls_up" in step:
            return {"what": "older", **step["scrolls_up"], "before": self.place}
        if "opens_file" in step:
            return {"what": "file", "entry": step["opens_file"]}
        if "connects" in step:
            return {"what": "connect", "ticket": step["connects"] == "ticket"}
        return {"what": step["sync"]}

    def _outcome(self, outcome: Any) -> str:
        if isinstance(outcome, dict):
            self.shown = outcome["shown"]
            self.place = outcome.get("next")
            return "done"
        return OUTCOMES.get(outcome, outcome)

    def _request(self, event: Event) -> NodeRequest:
        headers = {name.title(): value for name, value in event["headers"].items()}
        content = (
            json.loads(event["body"]) if "body" in event else base64.b64decode(event["base64"])
        )
        body, token = as_request(content, headers)
        return NodeRequest(self, event["request"], event["url"], body, token)

    def deliver(self, request: NodeRequest, answer: Step, *, crash: bool = False) -> None:
        if crash:
            self.ask("die", writes=1, after=False)
        headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        self.ask(
            "answer",
            request=request.number,
            status=answer["status"],
            headers=headers,
            body=answer["body"],
            base64=answer.get("base64"),
        )

    # The socket

    async def receive(self, frame: dict[str, Any]) -> None:
        self.ask("frame", frame=frame)

    async def said(self) -> Step:
        spoken, self.said_so_far = self.said_so_far, {"dials": [], "sends": []}
        return {name: value for name, value in spoken.items() if value}

    def reaction(self, code: int) -> dict[str, Any]:
        then: dict[str, Any] = self.ask("reaction", code=code)
        return then

    def wants_sync(self) -> bool:
        return bool(self.ask("wants_sync"))

    def is_busy(self) -> bool:
        return bool(self.running)

    # Time and accidents

    def now(self) -> datetime:
        return self.time

    async def pass_time(self, seconds: float) -> None:
        self.time = datetime.fromisoformat(self.ask("pass_time", ms=seconds * 1000))

    async def restart(self) -> None:
        self._open()

    def copy(self, folder: Path, *, with_keys: bool) -> NodeDevice:
        return NodeDevice(
            self.drive, self.setup, folder, self.time, chance=self.chance, cipher=self.cipher,
            copied_from=(self.name, with_keys),
        )  # fmt: skip

    def forget(self, *entry: str) -> None:
        self.ask("lose_entry", entry=entry)

    async def close(self) -> None:
        self.drive.forget(self.name)

    # What it holds

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.ask("state")
        return state

    def documents(self) -> dict[tuple[str, str, str, int], Any]:
        return {tuple(entry[:4]): entry[4] for entry in self.ask("documents")}
