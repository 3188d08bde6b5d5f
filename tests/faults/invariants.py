"""What must hold after every fault, checked against what phones were sent and what they hold.

I1 no acknowledged write lost; I2 no effect doubled; I4 no foreign row; I5 one order for all;
I6 every phone equals the server. Each breach is one line of text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clients.phone import Phone
from tests.faults.circle import Circle
from tests.faults.ground import look
from tests.faults.writer import Writer
from tools.local.stack import Stack

MESSAGES = "SELECT id::text FROM recovery_message WHERE scope_id = %s"
TRACES = """
SELECT given::text,
       (SELECT count(*) FROM recovery_auditevent WHERE request_id = given AND outcome = 'applied'),
       (SELECT count(*) FROM recovery_receipt WHERE id = given AND status = 'applied')
FROM unnest(%s::uuid[]) AS given
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
    house: Stack, circle: Circle, writers: Iterable[Writer], phones: Iterable[Phone] = ()
) -> list[str]:
    """All breaches of the promises. The phones must have synced to the end first."""
    return [*_of_writes(house, circle, list(writers)), *_of_phones(house, circle, list(phones))]


def _of_writes(house: Stack, circle: Circle, writers: list[Writer]) -> list[str]:
    deeds = {deed.uuid: deed for writer in writers for deed in writer.deeds}
    acknowledged = {
        uuid: result for writer in writers for uuid, result in writer.acknowledged.items()
    }
    stored = {id_ for (id_,) in look(house, MESSAGES, circle.group)}
    lost = [uuid for uuid in acknowledged if deeds[uuid].args["id"] not in stored]
    refused = [uuid for uuid, result in acknowledged.items() if result["status"] != "applied"]
    breaches = [f"I1: {uuid} was acknowledged and is not there" for uuid in lost]
    breaches += [f"I1: {uuid} was refused: {acknowledged[uuid]}" for uuid in refused]
    breaches += [f"I2: a message nobody wrote: {id_}" for id_ in stored - _ids(deeds.values())]
    return (
        breaches + _traces(house, list(deeds), acknowledged) + _numbers(house, circle, len(stored))
    )


def _ids(deeds: Iterable[Any]) -> set[str]:
    return {deed.args["id"] for deed in deeds}


def _traces(house: Stack, deeds: list[str], acknowledged: dict[str, Any]) -> list[str]:
    """One audit entry and one receipt for each write that happened, none for the others."""
    breaches = []
    for uuid, events, receipts in look(house, TRACES, deeds):
        if (events, receipts) not in ([(1, 1)] if uuid in acknowledged else [(1, 1), (0, 0)]):
            breaches.append(f"I2: {uuid} has {events} audit entries and {receipts} receipts")
    return breaches


def _numbers(house: Stack, circle: Circle, messages: int) -> list[str]:
    """No number in the group is used twice, or by a missing effect."""
    ((entries, numbers),) = look(house, NUMBERS, circle.group)
    if {entries, numbers} != {messages}:
        return [f"I2: {messages} messages, {entries} entries, {numbers} numbers"]
    return []


def _of_phones(house: Stack, circle: Circle, phones: list[Phone]) -> list[str]:
    breaches, orders = [], set()
    for phone in phones:
        mine, there = held(phone), set(look(house, VISIBLE, phone.store.get("user")))
        scopes = {row[0] for row in there}
        foreign = [row for row in mine if row[0] not in scopes]
        breaches += [f"I4: {phone.name} holds {row}" for row in foreign]
        breaches += [f"I6: {row} differs on {phone.name}" for row in mine ^ there]
        orders.add(order(phone, circle))
    return breaches + (["I5: phones show different orders"] if len(orders) > 1 else [])


def held(phone: Phone) -> set[Row]:
    """All entries on the phone."""
    return {(d.scope, d.kind, d.id, d.seq or 0) for d in phone.documents()}


def order(phone: Phone, circle: Circle) -> tuple[str, ...]:
    """The group's messages as the phone shows them."""
    messages = phone.documents("message", f"group:{circle.group}")
    return tuple(d.id for d in sorted(messages, key=lambda d: d.seq or 0))
