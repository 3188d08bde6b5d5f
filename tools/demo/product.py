"""The running product as its players meet it: e-mails, pushes, and the output of its start."""

from dataclasses import dataclass
from typing import Any

import httpx

from tools.demo.waiting import until
from tools.local import letters
from tools.local.links import PRINTED
from tools.local.stack import Stack


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
            mailed = letters.codes(self.system.mail, email)
            codes[:] = [code for name, code in mailed.items() if name not in earlier]
            return bool(codes)

        await until(arrived, f"an e-mail to {email}")
        return codes[0]

    def letters(self, email: str) -> set[str]:
        """The file names of all e-mails to this address so far."""
        return set(letters.codes(self.system.mail, email))

    async def inbox(self, token: str) -> list[dict[str, Any]]:
        """All pushes to this phone, oldest first, as the push simulator received them."""
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{self.system.fcm}/simulator/inboxes/{token}")
        return list(answer.raise_for_status().json()["messages"])
