"""`python -m tests.conform.phone_process CONTROL [--wrong NAME] STORY…`: the reference phone as a
client of the conformance server, in a process of its own. Prints each story's last answer."""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
from contextlib import ExitStack, suppress
from random import Random
from typing import Any

import httpx

from clients.phone import App, Phone, PhoneError
from clients.phone.files import Outgoing
from clients.phone.outbox import URGENT
from tests.altered import altered
from tests.conform.wrong_clients import WRONG

SHOWN = ("groups.post_message", "groups.edit_message")  # the actions that stories show as pending
PAUSE = 0.1  # seconds between two states
CALLS = 150.0  # seconds for one call of the control API


class Client:
    """Carries out instructions on the reference phone, and describes its state."""

    def __init__(self, home: str, live: str) -> None:
        self.shows: dict[str, dict[str, Any]] = {}  # by action and document id
        self.more: dict[str, Any] = {}  # what was read outside the copy
        self.phone = Phone(home, live=live, chance=Random(1))
        self.phone.overlays = dict.fromkeys(SHOWN, self._shown)
        self.uuids: list[str] = []
        self.phone.new_id = self.uuids.pop
        self.work: set[asyncio.Task[None]] = set()

    def _shown(self, args: dict[str, Any]) -> Any:
        shows = self.shows[json.dumps(args, sort_keys=True)]
        return shows["scope"], shows["kind"], shows["id"], shows["fields"]

    async def do(self, instruction: dict[str, Any]) -> None:
        rest = {name: value for name, value in instruction.items() if name != "do"}
        with suppress(PhoneError):  # whatever that means is seen in the state
            await getattr(self, instruction["do"])(**rest)

    async def enrol(self, code: str, date_of_birth: str) -> None:
        with suppress(PhoneError):
            await self.phone.enrol(code, date_of_birth)
            return
        await self.phone.enrol(code, date_of_birth)

    async def sync(self) -> None:
        task = asyncio.create_task(self._sync())
        self.work.add(task)
        task.add_done_callback(self.work.discard)

    async def _sync(self) -> None:
        with suppress(PhoneError):
            await self.phone.sync()

    async def open(self) -> None:
        if self.phone.awake.is_awake:
            self.phone.live.foreground()
        else:
            await self.phone.connected().__aenter__()

    async def act(
        self, uuid: str, action: str, args: dict[str, Any], lane: str, v: int = 1,
        base: tuple[str, ...] = (), shows: Any = None, files: Any = (),
    ) -> None:  # fmt: skip
        if shows:
            self.shows[json.dumps(args, sort_keys=True)] = shows
        self.uuids.append(uuid)
        self.phone.do(
            action,
            args,
            v=v,
            base=[d for d in self.phone.documents() if f"{d.kind}/{d.id}" in base],
            urgent=lane == URGENT,
            attach=[Outgoing(f["scope"], base64.b64decode(f["base64"])) for f in files],
        )

    async def dismiss(self, uuid: str) -> None:
        self.phone.dismiss(uuid)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def history(self, scope: str, kind: str) -> None:
        before, read = None, []
        while True:
            page = await self.phone.older(scope, kind, before)
            read += [[d.kind, d.id, d.seq, d.body] for d in page.documents]
            before = page.next
            if before is None:
                break
        self.more["history"] = read

    async def read_file(self, scope: str, kind: str, id: str, sha256: str) -> None:
        [document] = [d for d in self.phone.documents(kind, scope) if d.id == id]
        content = await self.phone.file(document, sha256)
        self.more["files"] = {sha256: hashlib.sha256(content).hexdigest()}

    async def forget(self, scope: str, kind: str, id: str) -> None:
        with self.phone.store.transaction():
            self.phone.store.run(
                "DELETE FROM document WHERE scope = ? AND kind = ? AND id = ?", scope, kind, id
            )

    async def update(self, app: str) -> None:
        self.phone.syncing.digest_check.app = App(version=app)

    def state(self) -> dict[str, Any]:
        answers = self.phone.answers
        documents = answers.cache.read()
        pending = answers.overlay.read()
        return {
            "busy": bool(self.work),
            "screen": self.phone.screen.state(),
            "update_screen": self.phone.needs_upgrade,
            "entries": [[d.scope, d.kind, d.id, d.seq, d.body] for d in documents],
            "pending": [[d.scope, d.kind, d.id, d.body] for d in pending if d.pending],
            "outbox": [m.uuid for m in self.phone.outbox()],
            "not_sent": [[m.uuid, (m.result or {}).get("code")] for m in self.phone.not_sent()],
            **self.more,
        }

    async def close(self) -> None:
        for task in self.work:
            task.cancel()
        if self.phone.awake.is_awake:
            await self.phone.awake.__aexit__()
        await self.phone.close()


async def play(control: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """Play one story to its verdict."""
    answer = (await control.post(f"/conform/stories/{name}")).json()
    client = Client(answer["home"], answer["live"])
    try:
        while answer["verdict"] in ("go on", "wait"):
            for instruction in answer.get("instructions", []):
                await client.do(instruction)
            await asyncio.sleep(PAUSE)
            report = await control.post("/conform/state", json=client.state())
            answer = {"verdict": "fail", **report.json()}
    finally:
        await client.close()
    return answer


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("control")
    parser.add_argument("--wrong", default="")
    parser.add_argument("stories", nargs="+")
    options = parser.parse_args()
    with ExitStack() as stack:
        for alteration in WRONG[options.wrong].alterations if options.wrong else ():
            stack.enter_context(altered(alteration))
        async with httpx.AsyncClient(base_url=options.control, timeout=CALLS) as control:
            for name in options.stories:
                print(json.dumps({"story": name} | await play(control, name)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
