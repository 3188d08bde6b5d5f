"""Tests the vectors: a client that breaks any one rule fails one of them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.altered import Python, altered
from tests.sync.rules_off import RULES
from tests.vectors import files
from tests.vectors.loose import LoosePlay
from tests.vectors.replay import Replay
from tests.vectors.wrong_clients import (
    OF_THE_PHONE,
    ONLY_IN_PLAYS,
    ONLY_THE_REFERENCE,
    WRONG,
    Wrong,
)

HARMLESS = "closes"  # breaks none of the rules, so even a wrong client passes it


async def play(
    kind: type[LoosePlay] | type[Replay], client: Wrong, name: str, folder: Path
) -> None:
    with ExitStack() as stack:
        for alteration in client.alterations:
            stack.enter_context(altered(alteration))
        await kind(files.read(name), folder).run()


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_client_fails_its_vector(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client = WRONG[name]
    await play(LoosePlay, client, HARMLESS, tmp_path_factory.mktemp("harmless"))
    with pytest.raises(Exception) as failure:  # noqa: PT011  # some assert, some fail themselves
        await play(LoosePlay, client, client.vector, tmp_path_factory.mktemp("wrong"))
    assert not isinstance(failure.value, NameError | SyntaxError)


@pytest.mark.parametrize("name", ONLY_THE_REFERENCE)
async def test_only_the_replay_of_the_reference_phone_tells(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client = ONLY_THE_REFERENCE[name]
    await play(LoosePlay, client, client.vector, tmp_path_factory.mktemp("loose"))
    with pytest.raises(AssertionError):
        await play(Replay, client, client.vector, tmp_path_factory.mktemp("replay"))


def test_every_rule_of_the_phone_has_its_wrong_client() -> None:
    def is_phone(alteration: object) -> bool:
        owner = getattr(alteration, "owner", None)
        return getattr(owner, "__module__", "").startswith("clients.phone")

    of_the_phone = {rule for rule, changes in RULES.items() if all(map(is_phone, changes))}
    assert of_the_phone == OF_THE_PHONE.keys() | ONLY_IN_PLAYS
    assert all(isinstance(each, Python) for rule in of_the_phone for each in RULES[rule])
