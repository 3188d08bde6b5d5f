"""The running product as its players meet it: e-mails, pushes, and the output of its start."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from tools.demo.waiting import until
from tools.local.links import PRINTED
from tools.local.stack import Stack

CODE = re.compile(r"(?:code is|código es) (\S+)")


@dataclass(frozen=True)
class Product:
    system: Stack
    printed: str  # the output of the start, with sign-in data

    def printed_code(self, email: str) -> str:
        """The one-use code that was printed for this person."""
        matches = PRINTED.finditer(self.printed)
        codes = {match["email"]: match["code"] for match in matches}
        return codes[email]

    async def mailed_code(self, email: str, earlier: set[str]) -> str:
        """Wait for an e-mail to this address that is not among `earlier`; return its code."""
        codes: list[str] = []

        def arrived() -> bool:
            codes[:] = [code for name, code in self._codes(email).items() if name not in earlier]
            return bool(codes)

        await until(arrived, f"an e-mail to {email}")
        return codes[0]

    def letters(self, email: str) -> set[str]:
        """The file names of all e-mails to this address so far."""
        return set(self._codes(email))

    def _codes(self, email: str) -> dict[str, str]:
        letters = {path.name: _letter(path) for path in self.system.mail.glob("*.eml")}
        return {name: code for name, (to, code) in letters.items() if to == email}

    async def inbox(self, token: str) -> list[dict[str, Any]]:
        """All pushes to this phone, oldest first, as the push simulator received them."""
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{self.system.fcm}/simulator/inboxes/{token}")
        return list(answer.raise_for_status().json()["messages"])


def _letter(path: Path) -> tuple[str, str]:
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    match = CODE.search(letter.get_content())
    return str(letter["To"]), match[1] if match else ""
