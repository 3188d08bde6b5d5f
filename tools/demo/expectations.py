"""Everything that a scenario can expect. Each waits a while and then raises NotSeen."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tools.demo.browser import Browser
from tools.demo.desk import Desk
from tools.demo.handset import Handset
from tools.demo.staff import Refused, Staff
from tools.demo.stage import Stage, matches
from tools.demo.waiting import PATIENCE, NotSeen, stays_true, until, until_equal

Expectation = Callable[..., Awaitable[None]]


async def shows(
    stage: Stage, who: Handset, *, kind: str, times: int = 1, within: float = PATIENCE, **where: Any
) -> None:
    """The screen shows exactly `times` matching documents."""

    def holds() -> bool:
        return len([row for row in who.documents(kind) if matches(row, where)]) == times

    await until(holds, f"{who.name} shows {times} of {kind} {where}", within)


async def shows_nothing(stage: Stage, who: Handset, *, kind: str, **where: Any) -> None:
    """The screen shows no matching document, now and for a while."""

    def clear() -> bool:
        return not [row for row in who.documents(kind) if matches(row, where)]

    await stays_true(clear, f"{who.name} shows {kind} {where}")


async def reads(stage: Stage, who: Browser | Desk, *, text: str) -> None:
    """The page of the app, or of the console, shows this text."""
    await who.reads(text)


async def does_not_read(stage: Stage, who: Browser | Desk, *, text: str) -> None:
    """The page does not show this text."""
    await who.does_not_read(text)


async def lists(
    stage: Stage, who: Staff, *, path: str, times: int, where: dict[str, Any], **parameters: Any
) -> None:
    """A staff list has exactly `times` matching rows."""

    async def count() -> int:
        return len([row for row in await who.read(path, **parameters) if matches(row, where)])

    await until_equal(count, times, f"{path}, rows that match {where}")


async def is_refused(stage: Stage, who: Staff, *, path: str, code: str) -> None:
    """Reading this list is refused with this code."""
    try:
        await who.read(path)
    except Refused as refusal:
        if refusal.code == code:
            return
        raise
    raise NotSeen(f"{path} was answered")


async def state(stage: Stage, who: Handset, *, of: str, reads: str) -> None:
    """The phone shows this state of a mutation."""
    await until(lambda: who.phone.state(of) == reads, f"{who.name} says {reads!r}")


async def resends_outbox(stage: Stage, who: Handset) -> None:
    """The phone has pushed its outbox at least twice, and it is empty now."""
    await until(lambda: not who.phone.outbox(), f"{who.name}'s outbox is empty")
    if who.times_pushed() < 2:
        raise NotSeen(f"{who.name} pushed its outbox only once")


async def gets_push(
    stage: Stage, who: Handset, *, k: str, since: int = 0, within: float = PATIENCE
) -> None:
    """A push of class `k` arrives, with nothing in it but its class."""
    pushes: list[dict[str, Any]] = []

    def arrived() -> bool:
        pushes[:] = [push for push in who.phone.pushes.received[since:] if push.get("k") == k]
        return bool(pushes)

    await until(arrived, f"{who.name} gets a push of class {k}", within)
    for push in pushes:
        if push != {"v": "1", "k": k}:
            raise NotSeen(f"a push that says more: {push}")


async def pushes_are_alike(stage: Stage, who: Handset) -> None:
    """All pushes of a class are equal on all phones, apart from address and lifetime."""
    phones = [each for each in stage.players.values() if isinstance(each, Handset)]
    bodies: dict[str, set[str]] = {}
    for phone in phones:
        for sent in await stage.product.inbox(phone.push_token):
            message = json.loads(sent["body"])["message"]
            bodies.setdefault(message["data"]["k"], set()).add(_without_address(message))
    if {kind: len(forms) for kind, forms in bodies.items()} != dict.fromkeys(bodies, 1):
        raise NotSeen(f"pushes differ: {bodies}")


async def no_push(stage: Stage, who: Handset, *, since: int) -> None:
    """No further push reaches this phone."""
    before = len(await stage.product.inbox(who.push_token))
    await stays_true(lambda: True, "time passes")
    after = len(await stage.product.inbox(who.push_token))
    if not since == before == after:
        raise NotSeen(f"{who.name} received {after - since} more pushes")


async def socket_closes(stage: Stage, who: Handset, *, code: int, within: float) -> None:
    def closed() -> bool:
        return who.phone.live.closed_with[-1:] == [code]

    await until(closed, f"{who.name}'s socket closes with {code}", within)


async def is_wiped(stage: Stage, who: Handset) -> None:
    """The phone is wiped: keys and documents are gone."""
    await until(lambda: who.phone.is_wiped, f"{who.name} is wiped")
    if who.phone.store.all("SELECT 1 FROM document"):
        raise NotSeen(f"{who.name} still holds documents")


async def is_answered(stage: Stage, who: Handset, *, status: int, code: str) -> None:
    """The server gives this answer to the phone's last access token."""
    token = {"Authorization": f"Bearer {who.last_token}"}
    async with httpx.AsyncClient(base_url=stage.product.system.web, headers=token) as http:

        async def answer() -> tuple[int, str]:
            response = await http.post("/api/v1/live/ticket", json={})
            return response.status_code, response.json().get("code", "")

        await until_equal(answer, (status, code), f"{who.name}'s token is answered")


def _without_address(message: dict[str, Any]) -> str:
    message.pop("token")
    # Lifetimes are rounded to a few shared values, so they identify no one.
    message["android"].pop("ttl")
    message["apns"]["headers"].pop("apns-expiration")
    return json.dumps(message)


EXPECTATIONS: dict[str, Expectation] = {
    expectation.__name__: expectation
    for expectation in (
        shows, shows_nothing, reads, does_not_read, lists, is_refused, state, resends_outbox,
        gets_push, pushes_are_alike, no_push, socket_closes, is_wiped, is_answered,
    )
}  # fmt: skip
