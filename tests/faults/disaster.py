"""Four people with phones before and during a disaster, and after the restore."""

from __future__ import annotations

import asyncio

from clients.phone.errors import SignedOut
from tests.faults.circle import Circle
from tests.faults.database import Database
from tests.faults.load import converge, converge_outboxes
from tests.faults.owner import Owner
from tests.faults.runbook import Runbook
from tests.faults.stacks import give_address, manage, query
from tools.demo.product import Product
from tools.local.stack import Stack

SEAL = """
from django.utils import timezone
from recovery.actions import seals
seals.seal(timezone.now())
"""
EMAIL = "moved-on@example.org"
KEPT = "SELECT count(*) FROM recovery_message WHERE scope_id = %s"
PUMPED, ARCHIVED = 5.0, 30.0  # seconds
EACH = 5  # messages of each member before the backup, after it, and after the moment


async def write(owners: list[Owner]) -> None:
    """Every owner writes, and all writes are acknowledged."""
    for _ in range(EACH):
        for owner in owners:
            owner.write()
    await converge_outboxes([owner.phone for owner in owners])


async def wait_until_archived(stack: Stack) -> None:
    """Wait until everything so far is in the archive."""
    ((segment,),) = query(stack, "SELECT pg_walfile_name(pg_switch_wal())")
    for _ in range(round(ARCHIVED / 0.1)):
        ((last,),) = query(stack, "SELECT last_archived_wal FROM pg_stat_archiver")
        if last and last >= segment:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing is archived")


async def count_pushes(stack: Stack, circle: Circle) -> int:
    """The number of pushes that all phones have got."""
    inboxes = [await Product(stack, "").inbox(member.card) for member in circle.members]
    return sum(map(len, inboxes))


class Disaster:
    """A backup, writes after it, the loss of everything, a restore, and phones that reconnect."""

    def __init__(self, stack: Stack, postgres: Database, circle: Circle) -> None:
        self.stack, self.postgres, self.circle = stack, postgres, circle
        self.runbook = Runbook(stack, postgres)
        self.owners: list[Owner] = []
        self.pushed = 0

    async def write_until_the_restore_point(self) -> str:
        """A backup, then writes whose pushes wait. Returns the time to restore to."""
        for owner, member in zip(self.owners, self.circle.members, strict=True):
            owner.phone.register_push(member.card)
        await write(self.owners)
        self.runbook.as_postgres(self.runbook.backup)
        manage(self.stack, "jobs", "shell", "-c", SEAL)
        self.stack.stop("pump")
        await write(self.owners)
        ((moment,),) = query(self.stack, "SELECT now()::text")
        await asyncio.sleep(0.5)
        return str(moment)

    async def write_past_the_restore_point(self) -> None:
        """More writes, one phone's new tokens, and all pushes sent. The restore loses them."""
        self.stack.start("pump")
        await write(self.owners)
        session = self.owners[1].phone.session
        await session.refresh(stale=session.token())
        manage(self.stack, "jobs", "shell", "-c", SEAL)
        await asyncio.sleep(PUMPED)
        self.pushed = await count_pushes(self.stack, self.circle)
        await wait_until_archived(self.stack)

    async def lose_everything(self) -> None:
        for owner in self.owners:
            await owner.phone.offline()
        for name in list(self.stack.running):
            self.stack.kill(name)
        self.postgres.stop_at_once()

    async def restore(self, moment: str) -> int:
        """Restore by the runbook. Returns the number of messages on the restored server."""
        self.runbook.as_postgres(self.runbook.restore, UNTIL=moment)
        command = self.postgres.command
        command[command.index("-D") + 1] = self.runbook.where["DATA"]
        self.postgres.start()
        await self.postgres.answers()
        while query(self.stack, "SELECT pg_is_in_recovery()") != [(False,)]:
            await asyncio.sleep(0.1)
        self.runbook.as_operator(self.runbook.before_traffic)
        ((kept,),) = query(self.stack, KEPT, self.circle.group)
        return int(kept)

    async def count_pushes_sent_again(self) -> int:
        """The number of pushes that the pump sends before any phone has reconnected."""
        self.stack.start("pump")
        await asyncio.sleep(PUMPED)
        return await count_pushes(self.stack, self.circle) - self.pushed

    async def reconnect(self) -> None:
        for name in ("web", "live"):
            self.stack.start(name)
        self.stack.wait_until_ready()
        for owner in self.owners:
            owner.phone.online()
        await self._sign_in_again(self.owners[1])
        phones = [owner.phone for owner in self.owners]
        await converge_outboxes(phones)
        await converge(phones, sum(len(owner.writes) for owner in self.owners), 120)

    async def _sign_in_again(self, owner: Owner) -> None:
        """The phone's tokens are newer than the restored server's data."""
        phone = owner.phone
        await phone.wait_for(lambda: isinstance(phone.triggers.ended, SignedOut), 60)
        give_address(self.stack, str(phone.store.get("user")), EMAIL)
        await phone.request_code(EMAIL)
        await phone.confirm_code(await Product(self.stack, "").mailed_code(EMAIL, set()))
        await phone.sync()
