"""What must hold after every fault, checked against what phones were sent and what they hold.

I1 no acknowledged write lost; I2 no effect doubled; I4 no foreign row; I5 one order for all;
I6 every phone equals the server. Each breach is one line of text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clients.phone import Phone
from tests.faults.circle import Circle
from tests.faults.stacks import query
from tests.faults.writer import Writer
from tools.local.stack import Stack

MESSAGES = "SELECT id::text FROM recovery_message WHERE scope_id = %s"
TRACES = """
SELECT key::text,
       (SELECT count(*) FROM recovery_auditevent WHERE request_id = key AND outcome = 'applied'),
       (SELECT count(*) FROM recovery_receipt WHERE id = key AND status = 'applied')
FROM unnest(%s::uuid[]) AS key
"""
# Once all members have joined, only messages take numbers in the group, one each.
NUMBERS = """
SELECT count(*), coalesce(max(s.seq) - min(e.seq) + 1, 0)
FROM recovery_scope AS s JOIN recovery_feedentry AS e ON e.scope_id = s.id
WHERE s.id = %s AND e.kind = 'message'
"""
VISIBLE = """
SELECT s.name, e.kind, e.object_id::text, e.seq
FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
JOIN recovery_feedentry AS e ON e.scope_id = s.id
WHERE m.user_id = %s AND NOT m.held AND s.is_open AND NOT e.deleted AND e.seq > m.visible_from
"""
Row = tuple[str, str, str, int]


def violations(
    stack: Stack, circle: Circle, writers: Iterable[Writer], phones: Iterable[Phone] = ()
) -> list[str]:
    """All breaches of the promises. The phones must have synced to the end first."""
    return [*_of_writes(stack, circle, list(writers)), *_of_phones(stack, circle, list(phones))]


def _of_writes(stack: Stack, circle: Circle, writers: list[Writer]) -> list[str]:
    writes = {write.uuid: write for writer in writers for write in writer.writes}
    acknowledged = {
        uuid: result for writer in writers for uuid, result in writer.acknowledged.items()
    }
    stored = {id_ for (id_,) in query(stack, MESSAGES, circle.group)}
    lost = [uuid for uuid in acknowledged if writes[uuid].args["id"] not in stored]
    refused = [uuid for uuid, result in acknowledged.items() if result["status"] != "applied"]
    breaches = [f"I1: {uuid} was acknowledged and is not there" for uuid in lost]
    breaches += [f"I1: {uuid} was refused: {acknowledged[uuid]}" for uuid in refused]
    breaches += [f"I2: a message nobody wrote: {id_}" for id_ in stored - _ids(writes.values())]
    return (
        breaches + _traces(stack, list(writes), acknowledged) + _numbers(stack, circle, len(stored))
    )


def _ids(writes: Iterable[Any]) -> set[str]:
    return {write.args["id"] for write in writes}


def _traces(stack: Stack, writes: list[str], acknowledged: dict[str, Any]) -> list[str]:
    """One audit entry and one receipt for each write that happened, none for the others."""
    breaches = []
    for uuid, events, receipts in query(stack, TRACES, writes):
        if (events, receipts) not in ([(1, 1)] if uuid in acknowledged else [(1, 1), (0, 0)]):
            breaches.append(f"I2: {uuid} has {events} audit entries and {receipts} receipts")
    return breaches


def _numbers(stack: Stack, circle: Circle, messages: int) -> list[str]:
    """No number in the group is used twice, or by a missing effect."""
    ((entries, numbers),) = query(stack, NUMBERS, circle.group)
    if {entries, numbers} != {messages}:
        return [f"I2: {messages} messages, {entries} entries, {numbers} numbers"]
    return []


def _of_phones(stack: Stack, circle: Circle, phones: list[Phone]) -> list[str]:
    breaches, orders = [], set()
    for phone in phones:
        mine, there = held(phone), set(query(stack, VISIBLE, phone.store.get("user")))
        scopes = {row[0] for row in there}
        foreign = [row for row in mine if row[0] not in scopes]
        breaches += [f"I4: {phone.name} holds {row}" for row in foreign]
        breaches += [f"I6: {row} differs on {phone.name}" for row in mine ^ there]
        orders.add(order(phone, circle))
    return breaches + (["I5: phones show different orders"] if len(orders) > 1 else [])


def signed_out(phones: Iterable[Phone]) -> list[str]:
    """The phones that have ended syncing, because they were signed out."""
    return [f"{phone.name}: {why}" for phone in phones if (why := phone.triggers.ended)]


def held(phone: Phone) -> set[Row]:
    """All entries on the phone."""
    return {(d.scope, d.kind, d.id, d.seq or 0) for d in phone.documents()}


def order(phone: Phone, circle: Circle) -> tuple[str, ...]:
    """The group's messages as the phone shows them."""
    messages = phone.documents("message", f"group:{circle.group}")
    return tuple(d.id for d in sorted(messages, key=lambda d: d.seq or 0))
