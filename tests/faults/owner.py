"""A user who writes on their phone, for tests of the phone itself."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7

from clients.phone import Phone
from tests.faults.circle import Circle
from tests.faults.writer import Write


class Owner:
    """The owner of `phone`. It reports the state of each of their `writes`."""

    def __init__(self, phone: Phone, circle: Circle) -> None:
        self.phone, self.circle = phone, circle
        self.writes: list[Write] = []

    def write(self) -> None:
        number = len(self.writes) + 1
        args = {"group": self.circle.group, "id": str(uuid7()), "text": f"Number {number}"}
        self.writes.append(Write(number, self.phone.do("groups.post_message", args), args))

    @property
    def acknowledged(self) -> dict[str, dict[str, Any]]:
        """The results by the phone's own account: sent or set aside."""
        states = {write.uuid: self.phone.state(write.uuid) for write in self.writes}
        done = {"sent": "applied", "needs you": "rejected"}
        return {uuid: {"status": done[state]} for uuid, state in states.items() if state in done}
