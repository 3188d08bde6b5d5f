"""Tests the tests: if any one rule of the protocol is off, a written-out play fails."""

from __future__ import annotations

import pytest

from tests.sync.play import Stage
from tests.sync.plays import WITHOUT
from tests.sync.rules_off import RULES, switched_off


@pytest.mark.parametrize("rule", RULES)
def test_a_play_fails_without_the_rule(stage: Stage, rule: str) -> None:
    with switched_off(rule, stage.ground.owner), pytest.raises(AssertionError):
        stage.play(WITHOUT[rule])
    stage.play(WITHOUT[rule])
