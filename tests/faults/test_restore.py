"""A backup, a disaster, and a restore to a time before the last acknowledged writes, with the
commands of docs/operations.md."""

from __future__ import annotations

import pytest

from tests.faults.database import database
from tests.faults.disaster import EACH, Disaster
from tests.faults.invariants import violations
from tests.faults.load import phones_of
from tests.faults.owner import Owner
from tests.faults.report import finding
from tests.faults.stacks import make_circle, manage, own_servers, started

pytestmark = pytest.mark.soak


async def play(disaster: Disaster, figures: dict[str, float]) -> list[str]:
    """Play it from the backup to the end. Returns the breaches of the promises."""
    async with phones_of(disaster.circle, disaster.stack) as phones:
        disaster.owners = [Owner(phone, disaster.circle) for phone in phones]
        moment = await disaster.write_until_the_restore_point()
        await disaster.write_past_the_restore_point()
        figures["acknowledged"] = sum(len(owner.acknowledged) for owner in disaster.owners)
        await disaster.lose_everything()
        figures["handed in again"] = figures["acknowledged"] - await disaster.restore(moment)
        figures["pushes sent before"] = disaster.pushed
        figures["pushes sent again"] = await disaster.count_pushes_sent_again()
        await disaster.reconnect()
        broken = ["a push was sent again"] if figures["pushes sent again"] else []
        return broken + violations(disaster.stack, disaster.circle, disaster.owners, phones)


async def test_a_restore_to_before_acknowledged_writes_loses_and_doubles_nothing() -> None:
    with own_servers() as servers, database(servers) as postgres:
        with finding("restore") as record, started(servers) as stack:
            disaster = Disaster(stack, postgres, make_circle(servers, 4))
            # People created by make_circle have cards that were never published.
            manage(stack, "jobs", "rebuild_feed")
            disaster.runbook.as_postgres(disaster.runbook.archive)
            postgres.restart()
            await postgres.answers()
            for name in ("web", "live", "pump"):
                stack.start(name)
            stack.wait_until_ready()
            broken = await play(disaster, record.figures)
            record.count, record.violations = 1, len(broken)
        assert broken == []
        assert record.figures["handed in again"] == EACH * len(disaster.owners)
        assert record.figures["pushes sent before"] > 0
