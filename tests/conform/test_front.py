"""What one story leaves behind does not trouble the next."""

import asyncio

from tools.conform.front import Front
from tools.conform.trouble import Gate, Trouble

PATIENCE = 30.0  # seconds


async def test_an_answer_that_a_story_still_holds_is_let_go() -> None:
    front = Front("http://127.0.0.1:9", 0)
    gate = Gate()
    front.plan(Trouble("push", gate=gate))
    front.begin()
    await asyncio.wait_for(gate.passed(), PATIENCE)
    assert front.troubles == []
