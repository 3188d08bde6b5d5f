"""Browsers at the console of a running product, and the people whose data they see.

`python -m tools.webapp.console` starts the product with demonstration people who have lived a few
days, and prints for each member of staff the cookie with which a browser is signed in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tools.demo.product import Product
from tools.demo.staff import Staff
from tools.local import data_directory, stack
from tools.webapp.lived import live

SESSION = "__Host-session"
STAFF = {
    "morgan": "morgan.alder@northlight.example",
    "noor": "noor.hale@northlight.example",
    "ines": "ines.quill@northlight.example",
}


@dataclass
class Console:
    """`system` runs, and `staff` have signed in, all but Sol with their second step."""

    system: stack.Stack
    staff: dict[str, Staff]
    # What the lived days have made, by names that a path needs: `{"record": …, "group": …}`.
    ids: dict[str, str]

    def opened(self, browser: Browser, who: str, **options: Any) -> BrowserContext:
        """A browser in which this member of staff is signed in, or nobody if `who` is empty.
        `options`: as Playwright has."""
        context = browser.new_context(**options)
        if who:
            context.add_cookies([self.cookie(who)])
        return context

    def cookie(self, who: str) -> Any:
        token = self.staff[who].http.headers["Authorization"].removeprefix("Bearer ")
        # A browser takes it from this host without TLS; Playwright does not.
        place = {"url": self.system.console.replace("http:", "https:"), "httpOnly": True}
        return {"name": SESSION, "value": token, "secure": True, "sameSite": "Strict", **place}


@contextmanager
def running() -> Iterator[Console]:
    """The product with demonstration people who have lived a few days, in a folder of its own."""
    printed: list[str] = []
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ={}, on_step=printed.append) as system,
    ):
        product = Product(system, "\n".join(printed))
        staff = {name: Staff(name.title(), email, product) for name, email in STAFF.items()}
        yield Console(system, staff, asyncio.run(_begun(product, staff)))


async def _begun(product: Product, staff: dict[str, Staff]) -> dict[str, str]:
    for each in staff.values():
        await each.enrol()
        await each.add_second_factor()
    ids = await live(product, staff)
    # Someone who has come in, and has still to set up a second step.
    staff["sol"] = Staff("Sol", "sol.vance@northlight.example", product)
    invited = {"given_name": "Sol", "family_name": "Vance", "email": staff["sol"].email}
    role = {"programme": ids["programme"], "role": "counsellor", "by_email": False}
    await staff["sol"].enrol(
        (await staff["morgan"].act("people.invite_staff", invited | role))["code"]
    )
    return ids


def main() -> None:
    with running() as console:
        print(console.system.console)
        for who, each in console.staff.items():
            print(who, console.cookie(who)["value"], "authenticator:", each.secret)
        print(console.ids, flush=True)
        while console.system.first_to_end() is None:
            time.sleep(1)


if __name__ == "__main__":
    main()
