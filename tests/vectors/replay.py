"""Replays a vector to the reference phone, which must send exactly the requests of the vector and
have the expected state after every step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clients.phone.clock import parse_time
from tests.vectors.device import Device, Pause, Request
from tests.vectors.exchanges import named_in
from tests.vectors.names import without_proof
from tests.vectors.player import Player, Step


class Replay(Player):
    def __init__(self, vector: dict[str, Any], folder: Path) -> None:
        self.vector, self.folder = vector, folder
        setup = vector["given"]
        self.devices = {"a": Device(setup, folder, parse_time(setup["clock"]))}
        self.devices["a"].sign_in(setup["user"], setup["install"], setup["tokens"])
        # The first step of a vector names the whole state.
        self.expected: dict[str, Step] = {"a": self.devices["a"].state()}
        self.documents: dict[Any, Any] = {}
        self.exchange: Step = {}

    async def run(self) -> None:
        try:
            for step in self.vector["steps"]:
                await self._act(step)
        finally:
            for device in self.devices.values():
                await device.close()

    async def _act(self, step: Step) -> None:
        verb = next(name for name in step if name != "phone")
        await getattr(self, f"_{verb}")(step)
        if "exchanges" not in step:
            self._compare(step)

    async def _frame(self, step: Step) -> None:
        for entry in step["frame"].get("put", []):
            self.documents[step["frame"]["s"], *entry[:3]] = entry[3]
        await self._device(step).receive(step["frame"])

    async def _sync(self, step: Step) -> None:
        device = self._device(step)
        assert step["by"] == ("itself" if device.wants_sync() else "owner")
        await self._block(step)

    async def _connects(self, step: Step) -> None:
        await self._block(step)

    async def _scrolls_up(self, step: Step) -> None:
        await self._block(step)
        assert self._device(step).shown == step["shows"]

    async def _opens_file(self, step: Step) -> None:
        await self._block(step)
        assert self._device(step).shown == step["shows"]

    async def _block(self, step: Step) -> None:
        """Each exchange of the step must happen, in this order and with these bytes."""
        device, who = self._device(step), step.get("phone", "a")
        before, left = dict(self.expected[who]), list(step["exchanges"])
        self.expected[who]["next"] = device.state()["next"]  # perhaps it no longer needs a pull

        async def on_request(request: Request) -> None:
            await self._exchange(request, left.pop(0), device, who)

        async def pause(pause: Pause) -> None:
            await self._pause(pause, device, who)

        outcome = await device.play(step, on_request, pause)
        assert (step["ends"], left) == (outcome, [])
        assert await device.said() == said_in(step)
        if outcome == "crash":
            await device.restart()
        self.expected[who] = before
        self._compare(step)

    async def _exchange(self, request: Request, exchange: Step, device: Device, who: str) -> None:
        sent = exchange["reference"]
        assert request.path == device.phone.session.home + named_in(exchange)["path"]
        assert without_proof(request.body) == sent["body"]
        assert request.token == sent["token"]
        for step in exchange.get("meanwhile", []):
            await self._act(step)
        if exchange["fate"].endswith("lost"):
            request.lose()
        else:
            self._remember(exchange["answer"]["body"])
            device.deliver(request, exchange["answer"], crash=exchange["fate"] == "crash")
        await self._after(device, exchange, who)

    async def _after(self, device: Device, exchange: Step, who: str) -> None:
        """The phone has handled the answer once it does the next thing."""
        event = await device.events.get()
        self.exchange = exchange
        if isinstance(event, Pause):
            assert "waits" in exchange
        elif exchange["fate"] != "crash":
            self._compare_own(exchange, device, who)
        await device.events.put(event)

    async def _pause(self, pause: Pause, device: Device, who: str) -> None:
        assert pause.fits(self.exchange["waits"])
        await self._wind(pause.seconds)
        self._compare_own(self.exchange, device, who)
        pause.end()

    def _compare_own(self, exchange: Step, device: Device, who: str) -> None:
        self.expected[who] |= exchange["reference"].get("state", {})
        assert_same(device.state(), self.expected[who])

    def _compare(self, step: Step) -> None:
        who = step.get("phone", "a")
        self.expected[who] |= step.get("state", {}) | step.get("reference", {})
        assert_same(self.devices[who].state(), self.expected[who])
        self._compare_documents(self.devices[who])

    def _compare_documents(self, device: Device) -> None:
        for entry, document in device.documents().items():
            assert document == self.documents[entry]

    def _remember(self, body: dict[str, Any]) -> None:
        for page in (body, body.get("pull", {})):
            for scope in page.get("scopes", []):
                for entry in scope.get("put", []):
                    self.documents[scope["scope"], *entry[:3]] = entry[3]


def said_in(step: Step) -> Step:
    return {name: step[name] for name in ("dials", "sends") if name in step}


def assert_same(state: Step, expected: Step) -> None:
    """Shows only what differs."""
    names = state.keys() | expected.keys()
    differing = {name for name in names if state.get(name) != expected.get(name)}
    assert not differing, {name: (state.get(name), expected.get(name)) for name in differing}
