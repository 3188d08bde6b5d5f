"""Playing a scenario, step by step, with a transcript of what happened when."""

import asyncio
import time
from typing import Any

import httpx

from clients.phone import PhoneError
from tools.demo.deeds import DEEDS
from tools.demo.expectations import EXPECTATIONS
from tools.demo.handset import Handset
from tools.demo.memory import Memory
from tools.demo.scenario import BadScenario, Line, Scenario, Step
from tools.demo.staff import Refused, Staff
from tools.demo.stage import Stage
from tools.demo.world import NotSeen, World

FAILURES = (NotSeen, Refused, PhoneError, KeyError, LookupError, TypeError, httpx.HTTPError)
ABOUT = ("action", "path", "kind", "k", "of", "reads", "refused")
KINDS: dict[str, type[Staff] | type[Handset]] = {"staff": Staff, "phone": Handset}


async def play(scenario: Scenario, world: World) -> int:
    """Play to the end, or to the first thing that cannot be done; how many lines failed."""
    stage = Stage(world, Memory(), {key: _player(p, world) for key, p in scenario.cast.items()})
    try:
        return await _play_all(scenario.steps, stage)
    finally:
        for player in stage.players.values():
            await player.close()


async def _play_all(steps: list[Step], stage: Stage) -> int:
    failures = 0
    for number, step in enumerate(steps, start=1):
        print(f"\n{number:>2}. {step.title}", flush=True)
        for line in step.do:
            if not await _try(line, DEEDS[line.verb], stage, "·"):
                return failures + 1
        # Looked at together: waiting to see that something does not come takes a while.
        looks = [_try(line, EXPECTATIONS[line.verb], stage, "✓") for line in step.expect]
        failures += (await asyncio.gather(*looks)).count(False)
    return failures


def check(scenario: Scenario) -> None:
    """BadScenario before anything is done, rather than in the middle."""
    for step in scenario.steps:
        for lines, known in ((step.do, DEEDS), (step.expect, EXPECTATIONS)):
            for line in lines:
                if line.verb not in known:
                    raise BadScenario(f"{step.title}: nobody knows how to {line.verb}")


def _player(given: dict[str, str], world: World) -> Staff | Handset:
    return KINDS[given["as"]](given["name"], given["email"], world)


async def _try(line: Line, verb: Any, stage: Stage, mark: str) -> bool:
    began, player = time.monotonic(), stage.players[line.who]
    try:
        await verb(stage, player, **stage.memory.fill(line.args))
    except FAILURES as failure:
        print(f"    ✗ {_words(line, player)}\n      {failure!r}", flush=True)
        return False
    print(f"    {mark} {_words(line, player):<74}{time.monotonic() - began:6.2f} s", flush=True)
    return True


def _words(line: Line, player: Staff | Handset) -> str:
    """The line in one row: who, what, and the arguments that say most."""
    told = [str(line.args[name]).removeprefix("$did_") for name in ABOUT if name in line.args]
    return " ".join([f"{player.name}:", line.verb.replace("_", " "), *told])[:72]
