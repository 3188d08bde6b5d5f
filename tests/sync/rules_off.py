"""The rules of the protocol, each of which can be switched off to prove that a play notices.

A rule is one line of a SQL function or of a method. Switching it off replaces the function, in
the test's database or in this process, by a copy with that line altered. The line must exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import psycopg

from clients.phone.answers import Answers
from clients.phone.cache import Cache
from clients.phone.frames import Frames
from recovery.actions import ledger
from recovery.live import heartbeat
from recovery.live.audience import Audience
from recovery.live.hub import Hub
from tests.altered import Python, altered, replaced


class Sql(NamedTuple):
    function: str
    was: str
    becomes: str


Alteration = Sql | Python

RULES: dict[str, list[Alteration]] = {
    # The server's rules for a pull
    "epoch compared": [Sql("pull", "asked_epoch <> pull.epoch", "false")],
    "grant compared": [
        Sql("pull", """split_part(c.granted, '.', 1) <> m."grant"::text""", "false"),
        Sql("pull", """c.granted <> m."grant" || '.' || schema""", "false"),
    ],
    "a shrunk view purged": [Sql("pull", "THEN 'purge'", "THEN 'sweep'")],
    "floor compared": [Sql("pull", "greatest(c.seq, c.base) < s.floor", "false")],
    "floor raised": [Sql("collect_tombstones", "floor = last", "floor = floor")],
    "base counts for the floor": [
        Sql("pull", "greatest(c.seq, c.base) < s.floor", "c.seq < s.floor")
    ],
    "base moved by a reset": [Sql("pull", "ELSE head END AS new_base", "ELSE 0 END AS new_base")],
    "tombstones sent": [
        Sql("pull", "AND NOT (e.deleted AND e.seq <= o.new_base)", "AND NOT e.deleted")
    ],
    "paging goes on": [Sql("pull", "coalesce(bool_or(n >= page), false)", "false")],
    "paging goes on to other scopes": [
        Sql("pull", "OR EXISTS (SELECT FROM ordered WHERE NOT fits)", "")
    ],
    "history begins at visible_from": [
        Sql(
            "pull",
            "greatest(CASE WHEN reset IS NULL THEN seq ELSE 0 END, visible_from)",
            "CASE WHEN reset IS NULL THEN seq ELSE 0 END",
        ),
    ],
    "open scopes only": [Sql("pull", "AND NOT m.held AND s.is_open", "AND NOT m.held")],
    "drops sent": [Sql("pull", "WHERE only_names IS NULL", "WHERE false AND only_names IS NULL")],
    # The server's rules for a push
    "receipt looked up": [
        Sql("begin_action", "WHERE r.scope_id = actor AND r.id = key", "WHERE false"),
        Sql("end_action", "refusal, answer, at);", "refusal, answer, at) ON CONFLICT DO NOTHING;"),
    ],
    "turn taken": [Sql("take_turn", "< mutation", "< 0")],
    "fork detected": [
        Python(ledger, "_check_turn", "turn.mutation_id <= taken and known is None", "False")
    ],
    "gap detected": [Python(ledger, "_check_turn", "turn.mutation_id > taken + 1", "False")],
    # The live tier's rules
    "acl raised": [Sql("flush_feed", "acl = s.acl + target.members_changed::int", "acl = s.acl")],
    "acl stamp compared": [Python(Audience, "receive", "message.acl > self.acl", "False")],
    "old news without documents": [Python(Audience, "_send", "message.acl < self.acl", "False")],
    "audience queried": [
        Sql("live_audience", "AND NOT m.held AND s.is_open", "AND s.is_open"),
    ],
    "heads sent": [Python(heartbeat, "_moved_heads", "audience.head != head", "False")],
    "heads sent after a check": [
        Python(heartbeat, "_check_then_send_head", "audience.head != head", "False")
    ],
    "memberships checked at each beat": [
        Python(heartbeat, "_send_heartbeats", "await _check_memberships(hub)", "pass")
    ],
    "marks compared at each beat": [
        Python(Hub, "_follow", "state.name: state.mark", "state.name: 1"),
        Sql("live_moved", 'coalesce(sum(live_mark(m.scope_id, m."grant")), 0)', "count(*)"),
    ],
    # The phone's rules
    "gap in frames": [
        Python(Frames, "_judge", """frame["from"] > cursor""", "False"),
        Python(Frames, "_judge", """frame["from"] == cursor and""", ""),
    ],
    "heads handled": [Python(Frames, "heads", "if any(", "if False and any(")],
    "late answers discarded": [
        Python(Answers, "_pull", "self.cache.cursor() != request.cursor", "False")
    ],
    "drops applied": [Python(Answers, "_pull", """self.cache.drop(dropped["scope"])""", "pass")],
    "purges applied": [Python(Cache, "reset", """how == "purge\"""", "False")],
    "sweeps finished": [Python(Cache, "set_position", "    if complete:", "    if False:")],
    "tombstones applied": [Python(Cache, "apply", "in dels:", "in ():")],
    "positions void in another epoch": [
        Python(
            Cache,
            "enter_epoch",
            "pos = ?, seq = 0, complete = 0",
            "pos = pos, complete = 0 WHERE ? <> ''",
        )
    ],
    "outbox kept at a reset": [
        Python(
            Cache,
            "reset",
            """if how == "purge":""",
            """if how:
        self.store.run("DELETE FROM mutation WHERE state = 'pending'")
    if how == "purge":""",
        )
    ],
    "outbox kept when refused": [
        Python(
            Answers,
            "client_refused",
            """self.store.put(client_install=None)""",
            """self.store.put(client_install=None); self.store.run("DELETE FROM mutation")""",
        ),
    ],
    "offered again in another epoch": [
        Python(Answers, "take_registration", 'known not in (None, answer["epoch"])', "False")
    ],
    "copies register": [
        Python(
            Answers,
            "needs_registration",
            """self.store.get("client_install") != self.store.keystore.get("install")""",
            "False",
        )
    ],
    "grants of digests compared": [
        Python(
            Cache, "differs_from", """if self.position(scope)[2] != digest["grant"]""", "if False"
        )
    ],
    "results named by uuid": [
        Python(Answers, "_store_results", "self.outbox.is_forked(each, results)", "False")
    ],
}


@contextmanager
def switched_off(rule: str, owner: psycopg.Connection) -> Iterator[None]:
    """`owner` is a connection that may replace functions in the test's database."""
    with ExitStack() as stack:
        for alteration in RULES[rule]:
            if isinstance(alteration, Sql):
                stack.enter_context(_sql_altered(alteration, owner))
            else:
                stack.enter_context(altered(alteration))
        yield


@contextmanager
def _sql_altered(alteration: Sql, owner: psycopg.Connection) -> Iterator[None]:
    before = _definition(alteration.function, owner)
    owner.execute(replaced(before, alteration.was, alteration.becomes).encode())
    try:
        yield
    finally:
        owner.execute(before.encode())


def _definition(function: str, owner: psycopg.Connection) -> str:
    query = "SELECT pg_get_functiondef(%s::regproc)"
    row = owner.execute(query, [function]).fetchone()
    assert row is not None
    return str(row[0])
