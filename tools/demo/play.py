"""Plays a scenario step by step and prints a transcript."""

import asyncio
import time
from typing import Any

import httpx

from clients.phone import PhoneError
from tools.demo.browser import Browser
from tools.demo.desk import Desk
from tools.demo.expectations import EXPECTATIONS
from tools.demo.handset import Handset
from tools.demo.memory import Memory
from tools.demo.product import Product
from tools.demo.scenario import BadScenario, Line, Scenario, Step
from tools.demo.staff import Refused
from tools.demo.stage import Player, Stage
from tools.demo.verbs import VERBS
from tools.demo.waiting import NotSeen

FAILURES = (NotSeen, Refused, PhoneError, KeyError, LookupError, TypeError, httpx.HTTPError)
TELLING = ("action", "path", "kind", "k", "of", "reads", "refused", "name", "label", "text")
KINDS: dict[str, type[Player]] = {"desk": Desk, "phone": Handset, "browser": Browser}


async def play(scenario: Scenario, product: Product) -> int:
    """Play until the end or the first failed `do`. Returns the number of failed lines."""
    players = {
        key: KINDS[member["as"]](member["name"], member["email"], product)
        for key, member in scenario.cast.items()
    }
    try:
        return await _play_all(scenario.steps, Stage(product, Memory(), players))
    finally:
        for player in players.values():
            await player.close()


async def _play_all(steps: list[Step], stage: Stage) -> int:
    failures = 0
    for number, step in enumerate(steps, start=1):
        print(f"\n{number:>2}. {step.title}", flush=True)
        for line in step.do:
            if not await _try(line, VERBS[line.verb], stage, "·"):
                return failures + 1
        # Concurrently, because each "nothing happens" takes a while to see.
        checks = [_try(line, EXPECTATIONS[line.verb], stage, "✓") for line in step.expect]
        failures += (await asyncio.gather(*checks)).count(False)
    return failures


def check(scenario: Scenario) -> None:
    """Raise BadScenario for an unknown verb before anything is started."""
    for step in scenario.steps:
        for lines, known in ((step.do, VERBS), (step.expect, EXPECTATIONS)):
            for line in lines:
                if line.verb not in known:
                    raise BadScenario(f"{step.title}: unknown verb {line.verb}")


async def _try(line: Line, verb: Any, stage: Stage, mark: str) -> bool:
    start, player = time.monotonic(), stage.players[line.who]
    try:
        await verb(stage, player, **stage.memory.fill(line.args))
    except FAILURES as failure:
        print(f"    ✗ {_summary(line, player)}\n      {failure!r}", flush=True)
        return False
    print(f"    {mark} {_summary(line, player):<74}{time.monotonic() - start:6.2f} s", flush=True)
    return True


def _summary(line: Line, player: Player) -> str:
    """One row of the transcript: the player, the verb and the most telling arguments."""
    arguments = [
        str(line.args[name]).removeprefix("$did_") for name in TELLING if name in line.args
    ]
    return " ".join([f"{player.name}:", line.verb.replace("_", " "), *arguments])[:72]
