"""What happens in a vector around the requests: each of these steps is a method named after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.vectors.device import Device

Step = dict[str, Any]


class Player:
    """`expected`: the state of each device so far."""

    folder: Path
    devices: dict[str, Device]
    expected: dict[str, Step]

    def _device(self, step: Step) -> Device:
        return self.devices[step.get("phone", "a")]

    async def _do(self, step: Step) -> None:
        self._device(step).act(step["do"])

    async def _dismiss(self, step: Step) -> None:
        self._device(step).dismiss(step["dismiss"])

    async def _elsewhere(self, step: Step) -> None:
        """The phone cannot notice it."""

    async def _closes(self, step: Step) -> None:
        assert self._device(step).reaction(step["closes"]) == step["then"]

    async def _time_passes(self, step: Step) -> None:
        await self._wind(step["time_passes"])

    async def _wind(self, seconds: float) -> None:
        for device in self.devices.values():
            await device.pass_time(seconds)

    async def _forgets(self, step: Step) -> None:
        self._device(step).forget(*step["forgets"])

    async def _crash(self, step: Step) -> None:
        await self._device(step).restart()

    async def _copy(self, step: Step) -> None:
        copy, source = step["copy"], step.get("phone", "a")
        device = self._device(step).copy(self.folder / copy["to"], with_keys=copy["with_keys"])
        self.devices[copy["to"]] = device
        self.expected[copy["to"]] = dict(self.expected[source])

    async def _updates(self, step: Step) -> None:
        await self._device(step).update(**step["updates"])

    async def _signs_in(self, step: Step) -> None:
        self._device(step).sign_in(**step["signs_in"])
