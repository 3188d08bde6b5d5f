"""The primary is lost, and a standby that lacks acknowledged writes takes its place."""

from __future__ import annotations

import time

import pytest

from tests.faults.circle import Circle
from tests.faults.database import Database, database
from tests.faults.disaster import EACH, KEPT, write
from tests.faults.invariants import signed_out, violations
from tests.faults.load import converge, converge_outboxes, phones_of
from tests.faults.owner import Owner
from tests.faults.report import finding
from tests.faults.stacks import ended_early, make_circle, manage, own_servers, query, started
from tests.faults.standby import Standby, following

pytestmark = pytest.mark.soak
EPOCH = "SELECT sync_epoch()"


async def fail_over(
    primary: Database, standby: Standby, circle: Circle, owners: list[Owner]
) -> dict[str, float]:
    """Lose the primary after writes that only it has. Returns what was measured."""
    await write(owners)
    await standby.has_everything()
    await standby.stop_following()
    await write(owners)
    ((kept,),) = query(standby.stack, KEPT, circle.group)
    ((before,),) = query(primary.stack, EPOCH)
    primary.stop_at_once()
    began = time.monotonic()
    standby.promote()
    # At once: until the epoch changes, phones take new numbers for old ones.
    ((after,),) = query(standby.stack, EPOCH)
    assert after != before
    phones = [owner.phone for owner in owners]
    for phone in phones:
        # They hold everything already. What is missing is queued again with the new epoch.
        await phone.wait_for(lambda phone=phone: phone.store.get("client_epoch") == after, 120)
    await converge_outboxes(phones, 120)
    await converge(phones, sum(len(owner.writes) for owner in owners), 120)
    acknowledged = sum(len(owner.acknowledged) for owner in owners)
    return {
        "acknowledged": acknowledged,
        "handed in again": acknowledged - kept,
        "all phones complete after, s": round(time.monotonic() - began, 1),
    }


async def test_a_promoted_standby_that_lacks_writes_loses_and_doubles_nothing() -> None:
    with own_servers() as servers, database(servers) as primary, finding("failover") as record:
        circle = make_circle(servers, 4)
        # People created by make_circle have cards that were never published.
        manage(servers, "jobs", "rebuild_feed")
        with following(primary) as standby:
            processes = ("web", "live", "pump", "worker")
            with started(servers, *processes, **standby.urls) as stack:
                async with phones_of(circle, stack) as phones:
                    owners = [Owner(phone, circle) for phone in phones]
                    record.figures = await fail_over(primary, standby, circle, owners)
                    standby.runbook.stack = stack
                    standby.runbook.as_operator(standby.runbook.check)
                    broken = violations(standby.stack, circle, owners, phones)
                broken += signed_out(phones)
                broken += ended_early(stack)
        record.count, record.violations = 1, len(broken)
    assert broken == []
    assert record.figures["handed in again"] == EACH * len(circle.members)
