"""A backup, a disaster, and a restore to a time before the last acknowledged writes, with the
commands of docs/operations.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.database import database
from tests.faults.ground import crew, make_circle, manage
from tests.faults.invariants import violations
from tests.faults.load import phones_of
from tests.faults.owner import Owner
from tests.faults.report import finding
from tests.faults.story import EACH, Story
from tools.local import data_directory, stack
from tools.local.stack import Stack

pytestmark = pytest.mark.soak


@contextmanager
def ground_of_its_own() -> Iterator[Stack]:
    with data_directory.temporary() as held:
        with stack.running(held, environ={}, names=("fcm",), data=False) as house:
            yield house


async def tell(story: Story, figures: dict[str, float]) -> list[str]:
    """Play the story from the backup to the end. Returns the breaches of the promises."""
    async with phones_of(story.circle, story.house) as phones:
        story.owners = [Owner(phone, story.circle) for phone in phones]
        moment = await story.live_until_the_moment()
        await story.live_after_the_moment()
        figures["acknowledged"] = sum(len(owner.acknowledged) for owner in story.owners)
        await story.die()
        figures["handed in again"] = figures["acknowledged"] - await story.rise(moment)
        figures["pushes sent before"] = story.pushed
        figures["pushes sent again"] = await story.pushed_again()
        await story.come_back()
        broken = ["a push was sent again"] if figures["pushes sent again"] else []
        return broken + violations(story.house, story.circle, story.owners, phones)


async def test_a_restore_to_before_acknowledged_writes_loses_and_doubles_nothing() -> None:
    with ground_of_its_own() as ground, database(ground) as postgres:
        with finding("restore") as record, crew(ground) as house:
            story = Story(house, postgres, make_circle(ground, 4))
            # People created by make_circle have cards that were never published.
            manage(house, "jobs", "rebuild_feed")
            story.runbook.as_postgres(story.runbook.archive)
            postgres.restart()
            await postgres.answers()
            for name in ("web", "live", "pump"):
                house.start(name)
            house.wait_until_ready()
            broken = await tell(story, record.figures)
            record.count, record.violations = 1, len(broken)
        assert broken == []
        assert record.figures["handed in again"] == EACH * len(story.owners)
        assert record.figures["pushes sent before"] > 0
