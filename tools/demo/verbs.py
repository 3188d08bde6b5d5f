"""Everything that a player can do. A scenario uses these functions' names as its verbs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid5

from tools.demo.browser import Browser
from tools.demo.desk import Desk
from tools.demo.handset import Handset
from tools.demo.session_times import tonight
from tools.demo.staff import Refused, Staff
from tools.demo.stage import Stage, matches
from tools.demo.waiting import QUIET, NotSeen, until

Verb = Callable[..., Awaitable[None]]


async def enrol(stage: Stage, who: Any, *, code: str = "", date_of_birth: str = "") -> None:
    """Enrol with `code`, by default the one-use code that was printed at the start."""
    if isinstance(who, Staff):
        return await who.enrol()
    return await who.enrol(code or stage.product.printed_code(who.email), date_of_birth)


async def add_second_factor(stage: Stage, who: Staff) -> None:
    await who.add_second_factor()


async def sign_in(stage: Stage, who: Any) -> None:
    """Sign in with a code by e-mail; staff also use their second factor."""
    await who.sign_in()


async def sign_out(stage: Stage, who: Staff) -> None:
    await who.sign_out()


async def read_letter(stage: Stage, who: Handset, *, keep: str) -> None:
    """Wait for the e-mail with the enrolment code."""
    stage.memory.keep(**{keep: await stage.product.mailed_code(who.email, set())})


async def act(
    stage: Stage, who: Any, *, action: str, data: dict[str, Any], keep: dict[str, str] | None = None
) -> None:
    """Perform an action: staff at once, a phone through its queue.

    `keep` maps names to fields of the answer; a phone's answer has only the mutation's `uuid`.
    """
    result = await who.act(action, data)
    answer = result if isinstance(result, dict) else {"uuid": result}
    stage.memory.keep(**{name: answer[field] for name, field in (keep or {}).items()})


async def try_to(
    stage: Stage, who: Staff, *, action: str, data: dict[str, Any], refused: str
) -> None:
    """Perform an action that must be refused with this code."""
    try:
        await who.act(action, data)
    except Refused as refusal:
        if refusal.code == refused:
            return
        raise
    raise NotSeen(f"{action} was not refused")


async def read(
    stage: Stage,
    who: Staff,
    *,
    path: str,
    keep: dict[str, str],
    where: dict[str, Any] | None = None,
    **parameters: Any,
) -> None:
    """Find the one row of a staff list that matches `where`, and remember some of its fields."""
    rows = [row for row in await who.read(path, **parameters) if matches(row, where or {})]
    if len(rows) != 1:
        raise NotSeen(f"{path} has {len(rows)} rows that match {where}")
    stage.memory.keep(**{name: rows[0][field] for name, field in keep.items()})


async def look(
    stage: Stage,
    who: Handset,
    *,
    kind: str,
    keep: dict[str, str],
    where: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Find the last document on the screen that matches, and remember some of its fields."""
    expected = {**(where or {}), **fields}

    def documents() -> list[dict[str, Any]]:
        return [row for row in who.documents(kind) if matches(row, expected)]

    await until(documents, f"{who.name} shows {kind} {expected}")
    stage.memory.keep(**{name: documents()[-1][field] for name, field in keep.items()})


async def plan_tonight(stage: Stage, who: Staff, *, zone: str, lead_minutes: int) -> None:
    """Choose the time of tonight's group so that its reminder is due within about a minute."""
    stage.memory.keep(**tonight(zone, lead_minutes))


async def check_in_id(
    stage: Stage, who: Handset, *, record: str, day: str, slot: str, keep: str
) -> None:
    """Remember the id of a day's check-in. All phones of a person derive the same id."""
    stage.memory.keep(**{keep: str(uuid5(UUID(record), f"{day}/{slot}"))})


async def sync(stage: Stage, who: Handset) -> None:
    await who.phone.sync()


async def open_app(stage: Stage, who: Handset) -> None:
    await who.open()
    await until(lambda: who.phone.live.is_open, f"{who.name}'s socket is open")


async def go_offline(stage: Stage, who: Handset | Browser) -> None:
    await who.offline()


async def lose_next_answer(stage: Stage, who: Handset, *, path: str) -> None:
    """Let the next request to `path` arrive but lose its answer."""
    who.phone.lose_next_answer(path)


async def come_online(stage: Stage, who: Handset | Browser) -> None:
    await who.online()


async def tap(stage: Stage, who: Browser | Desk, *, name: str) -> None:
    """Tap the button or the link of this name in the app, or on a page of the console."""
    await who.tap(name)


async def choose(stage: Stage, who: Desk, *, name: str) -> None:
    """Click this entry of the console's menu."""
    await who.choose(name)


async def go(stage: Stage, who: Desk, *, path: str) -> None:
    """Open this address of the console."""
    await who.go(path)


async def fill(stage: Stage, who: Desk, *, label: str, text: str) -> None:
    """Write this into the field of this label."""
    await who.fill(label, text)


async def tick(stage: Stage, who: Desk, *, name: str) -> None:
    """Tick the box of this name."""
    await who.tick(name)


async def count_pushes(stage: Stage, who: Handset, *, keep: str) -> None:
    """Remember how many pushes this phone has received, once earlier ones have arrived."""
    count, before = len(await stage.product.inbox(who.push_token)), -1
    while count != before:
        await asyncio.sleep(QUIET)
        count, before = len(await stage.product.inbox(who.push_token)), count
    stage.memory.keep(**{keep: count})


VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        enrol, add_second_factor, sign_in, sign_out, read_letter, act, try_to, read, look,
        plan_tonight, check_in_id, sync, open_app, go_offline, lose_next_answer, come_online,
        tap, choose, go, fill, tick, count_pushes,
    )
}  # fmt: skip
