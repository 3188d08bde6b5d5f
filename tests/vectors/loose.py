"""Plays a vector with a phone on any legal schedule, and compares what it holds once it settles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from clients.phone.clock import parse_time
from tests.vectors.device import HOME, SETTLED, Device, Pause, Request
from tests.vectors.player import Player, Step
from tests.vectors.replay import assert_same, said_in
from tests.vectors.stand_in import StandIn

OpenDevice = Callable[..., Device]
WHOLE = "sync"
MOST_REQUESTS = 200


class LoosePlay(Player):
    """`overlaps`: whether the client syncs while another request of its own is in flight.
    `hasty`: whether it syncs at every frame, instead of applying or holding it."""

    def __init__(
        self,
        vector: Step,
        folder: Path,
        *,
        device: OpenDevice = Device,
        overlaps: bool = True,
        hasty: bool = False,
    ) -> None:
        self.vector, self.folder = vector, folder
        self.overlaps, self.hasty = overlaps, hasty
        setup = vector["given"]
        self.at = parse_time(setup["clock"])
        self.server = StandIn(vector, self.at)
        self.devices = {"a": device(setup, folder, self.at)}
        self.devices["a"].sign_in(setup["user"], setup["install"], setup["tokens"])
        self.home = {"a": HOME}
        self.expected: dict[str, Step] = {"a": {}}
        self.documents: dict[Any, Any] = {}
        self.settled = True
        self.count = 0
        self.owed: Step | None = None  # the pause that the last answer calls for

    async def run(self) -> None:
        try:
            for step in self.vector["steps"]:
                await self._act(step)
                self._compare(step)
        finally:
            for device in self.devices.values():
                await device.close()

    async def _act(self, step: Step) -> None:
        verb = next(name for name in step if name != "phone")
        await getattr(self, f"_{verb}")(step)
        if "exchanges" not in step:
            self.server.learn(step.get("server", {}))

    async def _do(self, step: Step) -> None:
        self.server.queue(step["do"])
        await super()._do(step)

    async def _frame(self, step: Step) -> None:
        frame, device = step["frame"], self._device(step)
        self._remember(frame.get("s", ""), frame.get("put", []))
        await device.receive(frame)
        self.settled = False
        if self.hasty and not device.is_busy():
            await self._run(step.get("phone", "a"), {"sync": WHOLE})

    async def _copy(self, step: Step) -> None:
        await super()._copy(step)
        self.home[step["copy"]["to"]] = self.home[step.get("phone", "a")]

    async def _sync(self, step: Step) -> None:
        """A step that the phone must begin by itself is left out if it sees no reason to."""
        who, device = step.get("phone", "a"), self._device(step)
        self.server.begin(step["exchanges"])
        if device.is_busy() and not self.overlaps:
            self.settled = False
            return
        if device.wants_sync() or step["by"] == "owner":
            assert await self._run(who, step) == step["ends"]
            assert await device.said() == said_in(step)
        self.settled = step["sync"] == WHOLE
        if self.settled and step["ends"] != "crash":
            self.server.settle()

    async def _connects(self, step: Step) -> None:
        self.server.begin(step["exchanges"])
        assert await self._run(step.get("phone", "a"), step) == step["ends"]
        assert await self._device(step).said() == said_in(step)

    async def _scrolls_up(self, step: Step) -> None:
        await self._shows(step)

    async def _opens_file(self, step: Step) -> None:
        await self._shows(step)

    async def _shows(self, step: Step) -> None:
        self.server.begin(step["exchanges"])
        assert await self._run(step.get("phone", "a"), step) == step["ends"]
        assert self._device(step).shown == step["shows"]

    async def _run(self, who: str, what: Step) -> str:
        device = self.devices[who]

        async def on_request(request: Request) -> None:
            await self._exchange(request, who)

        outcome = await device.play(what, on_request, self._pause)
        self.owed = None
        if outcome == "crash":
            await device.restart()
        return outcome

    async def _exchange(self, request: Request, who: str) -> None:
        self.count += 1
        assert self.count < MOST_REQUESTS, "never ends"
        assert self.owed is None, f"does not wait {self.owed}"
        assert request.path.startswith(self.home[who]), request.path
        path, device = request.path.removeprefix(self.home[who]), self.devices[who]
        self.server.now = self.at
        exchange = self.server.play(path, request.body, request.token)
        self.owed = exchange.get("waits")
        for step in exchange.get("meanwhile", []):
            await self._act(step)
        answer = exchange.get("answer")
        if answer and answer["status"] == 421:
            self.home[who] = answer["body"]["url"]
        if answer is None or exchange["fate"].endswith("lost"):
            request.lose()
            return
        for page in (answer["body"], answer["body"].get("pull", {})):
            for scope in page.get("scopes", []):
                self._remember(scope["scope"], scope.get("put", []))
        device.deliver(request, answer, crash=exchange["fate"] == "crash")

    async def _pause(self, pause: Pause) -> None:
        assert self.owed is not None, "waits for no reason"
        assert pause.fits(self.owed), f"waits {pause.seconds}, not {self.owed}"
        self.owed = None
        await self._wind(pause.seconds)
        pause.end()

    async def _wind(self, seconds: float) -> None:
        await super()._wind(seconds)
        self.at = self.devices["a"].now()

    def _compare(self, step: Step) -> None:
        who = step.get("phone", "a")
        self.expected[who] |= step.get("state", {})
        if self.settled:
            device = self.devices[who]
            state = device.state()
            assert_same({name: state[name] for name in SETTLED}, self.expected[who])
            for entry, document in device.documents().items():
                assert document == self.documents[entry]

    def _remember(self, scope: str, put: list[Any]) -> None:
        for kind, id_, seq, document in put:
            self.documents[scope, kind, id_, seq] = document
