"""What surrounds the players: the running house, their letters, and what was told at the start."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from tools.local.stack import Stack

TOLD = re.compile(r"(?m)^  (?P<role>\w+) +\S.*? +(?P<email>\S+@\S+) +(?P<code>[0-9A-Z-]{14})")
CODE = re.compile(r"(?:code is|código es) (\S+)")
LOOK_AGAIN, ASK_AGAIN = 0.05, 0.25  # seconds; asking costs the server something
QUIET = 1.5  # seconds without something count as "it does not come"
PATIENCE = 15.0  # seconds that anything may take which is not told otherwise


class NotSeen(Exception):
    """Something that should have happened did not."""


@dataclass(frozen=True)
class World:
    house: Stack
    told: str  # what was printed at the start, sign-in data among it

    def printed_code(self, email: str) -> str:
        """The one-use code that was printed for this person."""
        codes = {found["email"]: found["code"] for found in TOLD.finditer(self.told)}
        return codes[email]

    async def mailed_code(self, email: str, known: set[str]) -> str:
        """The code in a letter to this address that is not among `known` files."""
        letter: list[str] = []

        def arrived() -> bool:
            letter[:] = [code for name, code in self._codes(email).items() if name not in known]
            return bool(letter)

        await until(arrived, f"a letter to {email}")
        return letter[0]

    def letters(self, email: str) -> set[str]:
        """The names of the letters that this address has got."""
        return set(self._codes(email))

    def _codes(self, email: str) -> dict[str, str]:
        letters = {path.name: _letter(path) for path in self.house.mail.glob("*.eml")}
        return {name: code for name, (to, code) in letters.items() if to == email}

    async def inbox(self, token: str) -> list[dict[str, Any]]:
        """What the push service holds for this phone, oldest first."""
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{self.house.fcm}/simulator/inboxes/{token}")
        return list(answer.raise_for_status().json()["messages"])


def _letter(path: Path) -> tuple[str, str]:
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    found = CODE.search(letter.get_content())
    return str(letter["To"]), found[1] if found else ""


async def until(holds: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    """Look again and again until `holds()`. NotSeen: it did not in time."""
    try:
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110  # files and phones send no event
                await asyncio.sleep(LOOK_AGAIN)
    except TimeoutError:
        raise NotSeen(f"{what}: not within {within:g} s") from None


async def comes_to_be(ask: Callable[[], Awaitable[Any]], wanted: Any, what: str) -> None:
    """Ask again and again until the answer is `wanted`. NotSeen: it never was."""
    answer = None
    for _ in range(round(PATIENCE / ASK_AGAIN)):
        answer = await ask()
        if answer == wanted:
            return
        await asyncio.sleep(ASK_AGAIN)
    raise NotSeen(f"{what}: {answer}, not {wanted}")


async def stays_so(holds: Callable[[], bool], what: str) -> None:
    """NotSeen when it changes within a moment."""
    try:
        await until(lambda: not holds(), what, QUIET)
    except NotSeen:
        return
    raise NotSeen(what)
