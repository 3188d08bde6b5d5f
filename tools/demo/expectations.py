"""Everything that can be expected. Each waits a moment for it and raises NotSeen in the end."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tools.demo.handset import Handset
from tools.demo.staff import Refused, Staff
from tools.demo.stage import Stage, fits
from tools.demo.world import PATIENCE, NotSeen, comes_to_be, stays_so, until

Expectation = Callable[..., Awaitable[None]]


async def shows(
    stage: Stage, who: Handset, *, kind: str, times: int = 1, within: float = PATIENCE, **where: Any
) -> None:
    """The screen shows so many documents that fit."""

    def right() -> bool:
        return len([row for row in who.documents(kind) if fits(row, where)]) == times

    await until(right, f"{who.name} shows {times} of {kind} {where}", within)


async def shows_nothing(stage: Stage, who: Handset, *, kind: str, **where: Any) -> None:
    """The screen has, and goes on to have, nothing that fits."""

    def clear() -> bool:
        return not [row for row in who.documents(kind) if fits(row, where)]

    await stays_so(clear, f"{who.name} shows {kind} {where}")


async def lists(
    stage: Stage, who: Staff, *, path: str, times: int, where: dict[str, Any], **asked: Any
) -> None:
    """A staff list comes to have so many rows that fit."""

    async def count() -> int:
        return len([row for row in await who.read(path, **asked) if fits(row, where)])

    await comes_to_be(count, times, f"{path}, rows that fit {where}")


async def is_refused(stage: Stage, who: Staff, *, path: str, code: str) -> None:
    """Reading this is refused for that reason."""
    try:
        await who.read(path)
    except Refused as refusal:
        if refusal.code == code:
            return
        raise
    raise NotSeen(f"{path} was answered")


async def state(stage: Stage, who: Handset, *, of: str, reads: str) -> None:
    """What the phone says about something its owner did."""
    await until(lambda: who.phone.state(of) == reads, f"{who.name} says {reads!r}")


async def handed_in_again(stage: Stage, who: Handset) -> None:
    """The outbox left at least twice, and is empty."""
    await until(lambda: not who.phone.outbox(), f"{who.name}'s outbox is empty")
    if who.times_pushed() < 2:
        raise NotSeen(f"{who.name} handed in its outbox only once")


async def gets_push(
    stage: Stage, who: Handset, *, k: str, since: int = 0, within: float = PATIENCE
) -> None:
    """A push of class `k` arrives, with the bytes that everybody's have."""
    seen: list[dict[str, Any]] = []

    def arrived() -> bool:
        seen[:] = [push for push in who.phone.pushes.received[since:] if push.get("k") == k]
        return bool(seen)

    await until(arrived, f"{who.name} gets a push of class {k}", within)
    for push in seen:
        if push != {"v": "1", "k": k}:
            raise NotSeen(f"a push that says more: {push}")


async def pushes_are_alike(stage: Stage, who: Handset) -> None:
    """All pushes of a class to all phones are the same but for address and lifetime."""
    phones = [each for each in stage.players.values() if isinstance(each, Handset)]
    bodies: dict[str, set[str]] = {}
    for phone in phones:
        for sent in await stage.world.inbox(phone.push_token):
            message = json.loads(sent["body"])["message"]
            bodies.setdefault(message["data"]["k"], set()).add(_without_address(message))
    if {kind: len(forms) for kind, forms in bodies.items()} != dict.fromkeys(bodies, 1):
        raise NotSeen(f"pushes differ: {bodies}")


async def no_push(stage: Stage, who: Handset, *, since: int) -> None:
    """Nothing more reaches this phone."""
    before = len(await stage.world.inbox(who.push_token))
    await stays_so(lambda: True, "time passes")
    after = len(await stage.world.inbox(who.push_token))
    if not since == before == after:
        raise NotSeen(f"{who.name} has got {after - since} pushes more")


async def socket_closes(stage: Stage, who: Handset, *, code: int, within: float) -> None:
    def closed() -> bool:
        return who.phone.live.closed_with[-1:] == [code]

    await until(closed, f"{who.name}'s socket closes with {code}", within)


async def is_wiped(stage: Stage, who: Handset) -> None:
    """Keys and documents are gone, and the phone says so."""
    await until(lambda: who.phone.is_wiped, f"{who.name} is wiped")
    if who.phone.store.all("SELECT 1 FROM document"):
        raise NotSeen(f"{who.name} still holds documents")


async def is_answered(stage: Stage, who: Handset, *, status: int, code: str) -> None:
    """What the server comes to answer to the token that this phone had."""
    token = {"Authorization": f"Bearer {who.last_token}"}
    async with httpx.AsyncClient(base_url=stage.world.house.web, headers=token) as http:

        async def answer() -> tuple[int, str]:
            got = await http.post("/api/v1/live/ticket", json={})
            return got.status_code, got.json().get("code", "")

        await comes_to_be(answer, (status, code), f"{who.name}'s token is answered")


def _without_address(message: dict[str, Any]) -> str:
    """Lifetimes are rounded to one of a few, and end at shared moments: they name nobody."""
    message.pop("token")
    message["android"].pop("ttl")
    message["apns"]["headers"].pop("apns-expiration")
    return json.dumps(message)


EXPECTATIONS: dict[str, Expectation] = {
    expectation.__name__: expectation
    for expectation in (
        shows, shows_nothing, lists, is_refused, state, handed_in_again, gets_push,
        pushes_are_alike, no_push, socket_closes, is_wiped, is_answered,
    )
}  # fmt: skip
