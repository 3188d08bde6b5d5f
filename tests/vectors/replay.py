"""Replays a vector to the reference phone, which must send exactly the requests of the vector and
have the expected state after every step."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from clients.phone import close_codes
from clients.phone.clock import parse_time
from tests.vectors.device import Device, Pause, Request
from tests.vectors.names import without_proof

Step = dict[str, Any]


class Replay:
    def __init__(self, vector: dict[str, Any], folder: Path) -> None:
        self.vector, self.folder = vector, folder
        self.left: list[Step] = list(vector["steps"])
        setup = vector["given"]
        self.devices = {"a": Device(setup, folder, parse_time(setup["clock"]))}
        self.devices["a"].sign_in(setup["user"], setup["install"], setup["tokens"])
        self.expected: dict[str, Step] = {"a": {}}
        self.documents: dict[Any, Any] = {}

    async def run(self) -> None:
        try:
            while self.left:
                await self._act(self.left.pop(0))
        finally:
            for device in self.devices.values():
                await device.close()

    async def _act(self, step: Step) -> None:
        verb = next(name for name in step if name != "phone")
        await getattr(self, f"_{verb}")(step)
        if verb not in ("sync", "request"):
            self._compare(step)

    async def _do(self, step: Step) -> None:
        mutation, phone = step["do"], self._phone(step)
        self._device(step).new_ids.append(mutation["uuid"])
        seen = [
            d for d in phone.answers.overlay.read() if [d.scope, d.kind, d.id] in mutation["base"]
        ]
        phone.do(
            mutation["action"],
            mutation["args"],
            v=mutation["v"],
            base=seen,
            urgent=mutation["urgent"],
        )

    async def _dismiss(self, step: Step) -> None:
        self._phone(step).dismiss(step["dismiss"])

    async def _elsewhere(self, step: Step) -> None:
        """The phone cannot notice it."""

    async def _frame(self, step: Step) -> None:
        for entry in step["frame"].get("put", []):
            self.documents[step["frame"]["s"], *entry[:3]] = entry[3]
        self._phone(step).live.receive(step["frame"])
        await asyncio.sleep(0)

    async def _closes(self, step: Step) -> None:
        assert close_codes.reaction(step["closes"])._asdict() == step["then"]

    async def _time_passes(self, step: Step) -> None:
        await self._wind(step["time_passes"])

    async def _forgets(self, step: Step) -> None:
        self._device(step).forget(*step["forgets"])

    async def _crash(self, step: Step) -> None:
        await self._device(step).restart()

    async def _copy(self, step: Step) -> None:
        copy = step["copy"]
        device = self._device(step).copy(self.folder / copy["to"], with_keys=copy["with_keys"])
        self.devices[copy["to"]] = device
        self.expected[copy["to"]] = dict(self.expected["a"])

    async def _signs_in(self, step: Step) -> None:
        self._device(step).sign_in(**step["signs_in"])

    async def _sync(self, step: Step) -> None:
        """Run until the step that records how the sync ended."""
        device = self._device(step)
        device.phone.triggers.clear()
        self._compare(step)
        outcome = await device.play(step["sync"], self._exchange, self._pause)
        end = self.left.pop(0)
        assert end["ends"] == outcome
        if outcome == "crash":
            await device.restart()
        self._compare(end)

    async def _exchange(self, request: Request) -> None:
        step = self.left.pop(0)
        expected, device = step["request"], self._device(step)
        assert request.path.endswith(expected["path"])
        assert without_proof(request.body) == expected["body"]
        assert request.token == expected["token"]
        await self._meanwhile(step.get("meanwhile", []))
        if step["fate"].endswith("lost"):
            request.lose()
        else:
            self._remember(step["answer"]["body"])
            device.deliver(request, step["answer"], crash=step["fate"] == "crash")
        await self._after(device, step)

    async def _after(self, device: Device, step: Step) -> None:
        """The phone has handled the answer once it does the next thing."""
        event = await device.events.get()
        if step["fate"] != "crash":
            self._compare(step)
        await device.events.put(event)

    async def _meanwhile(self, steps: list[Step]) -> None:
        rest, self.left = self.left, list(steps)
        while self.left:
            await self._act(self.left.pop(0))
        self.left = rest

    async def _pause(self, pause: Pause) -> None:
        step = self.left.pop(0)
        least, most = step["backs_off"]["at_least"], step["backs_off"]["at_most"]
        assert (least, most) == (round(pause.seconds - pause.jitter, 3), round(pause.seconds, 3))
        await self._wind(pause.seconds)
        self._compare(step)
        pause.over.set_result(None)

    async def _wind(self, seconds: float) -> None:
        for device in self.devices.values():
            await device.clock.pass_time(seconds)

    def _compare(self, step: Step) -> None:
        who = step.get("phone", "a")
        self.expected[who] |= step.get("expect", {})
        assert self.devices[who].state() == self.expected[who]
        self._compare_documents(self.devices[who])

    def _compare_documents(self, device: Device) -> None:
        for kept in device.phone.answers.cache.read():
            assert kept.body == self.documents[kept.scope, kept.kind, kept.id, kept.seq]

    def _remember(self, body: dict[str, Any]) -> None:
        for page in (body, body.get("pull", {})):
            for scope in page.get("scopes", []):
                for entry in scope.get("put", []):
                    self.documents[scope["scope"], *entry[:3]] = entry[3]

    def _device(self, step: Step) -> Device:
        return self.devices[step.get("phone", "a")]

    def _phone(self, step: Step) -> Any:
        return self._device(step).phone
