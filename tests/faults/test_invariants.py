"""The check detects what it should: each breach is made by hand and reported."""

from __future__ import annotations

import psycopg
import pytest

from tests.faults.circle import Circle
from tests.faults.invariants import violations
from tests.faults.load import phones_of
from tests.faults.stacks import make_circle, started, url
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
FORGET = "DELETE FROM recovery_message WHERE id = %s"
TWICE = """
INSERT INTO recovery_auditevent
SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid()))).*
FROM recovery_auditevent AS e WHERE request_id = %s
"""
HIDE = "UPDATE recovery_feedentry SET deleted = true WHERE object_id = %s"
EXPEL = "DELETE FROM recovery_membership WHERE scope_id = %s AND user_id = %s"
SWAP = """
UPDATE document SET seq = 3 * (SELECT max(seq) FROM document WHERE scope = ?) - seq
WHERE scope = ? AND kind = 'message'
"""


async def written(stack: Stack, circle: Circle) -> Writer:
    writer = Writer(circle.members[0], lambda: stack.web)
    await writer.register()
    for _ in range(4):
        await writer.insist(writer.next_write())
    await writer.close()
    return writer


async def test_every_breach_is_named(servers: Stack) -> None:
    circle = make_circle(servers, 3)
    with started(servers, "web") as stack:
        async with phones_of(circle, stack, connected=False) as phones:
            writer = await written(stack, circle)
            for phone in phones:
                await phone.sync()

            def named() -> set[str]:
                breaches = violations(stack, circle, [writer], phones)
                return {line.partition(":")[0] for line in breaches}

            assert named() == set()
            scope = f"group:{circle.group}"
            with phones[0].store.transaction():
                phones[0].store.run(SWAP, scope, scope)
            assert named() == {"I5", "I6"}
            with phones[0].store.transaction():
                phones[0].store.run(SWAP, scope, scope)
            one, two, three, _ = writer.writes
            for statement, values, breach in (
                (FORGET, [one.args["id"]], "I1"),
                (TWICE, [two.uuid], "I2"),
                (HIDE, [three.args["id"]], "I6"),
                (EXPEL, [circle.group, circle.members[1].user], "I4"),
            ):
                with psycopg.connect(url(servers)) as superuser:
                    superuser.execute("SET session_replication_role = replica")
                    assert superuser.execute(statement.encode(), values).rowcount == 1
                assert breach in named()
