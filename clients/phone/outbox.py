"""The user's actions on this phone: pending, sent, or refused and kept.

A mutation's id orders it within its lane and client. Its uuid makes it happen only once, so it is
safe to renumber mutations under another client id. Methods that write expect an open transaction.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from clients.phone.clock import format_time
from clients.phone.store import Store

MAIN, URGENT = "main", "urgent"
LANES = (URGENT, MAIN)
KEPT_AFTER_SENDING = timedelta(days=7)  # a restored server may need them again


class Mutation(NamedTuple):
    uuid: str
    lane: str
    id: int | None
    state: str
    action: str
    v: int
    args: dict[str, Any]
    base: dict[str, int]
    client_time: str
    offset_ms: int | None
    result: dict[str, Any] | None

    def wire(self, offset_ms: int | None) -> dict[str, Any]:
        """The mutation in wire format. Prefers the clock offset known when it was queued."""
        body = {name: getattr(self, name) for name in ("id", "uuid", "action", "v", "args", "base")}
        offset = self.offset_ms if self.offset_ms is not None else offset_ms
        return {**body, "client_time": self.client_time, "offset_ms": offset or 0}


class Outbox:
    def __init__(self, store: Store) -> None:
        self.store = store

    def client_id(self) -> str:
        return str(self.store.get("client_id", ""))

    def lmid(self, lane: str) -> int:
        """The last mutation id whose result this phone has stored."""
        row = self.store.one("SELECT lmid FROM lane WHERE name = ?", lane)
        return row["lmid"] if row else 0

    def acks(self) -> dict[str, int]:
        return {row["name"]: row["lmid"] for row in self.store.all("SELECT * FROM lane")}

    def next_id(self, lane: str) -> int:
        row = self.store.one(
            "SELECT max(id) AS last FROM mutation WHERE client_id = ? AND lane = ?",
            self.client_id(), lane,
        )  # fmt: skip
        return max(self.lmid(lane), (row and row["last"]) or 0) + 1

    def add(self, mutation: Mutation) -> None:
        m = mutation
        self.store.run(
            "INSERT INTO mutation (uuid, client_id, lane, id, state, action, v, args, base,"
            " client_time, offset_ms) VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?)",
            m.uuid, self.client_id(), m.lane, self.next_id(m.lane), m.action, m.v,
            self.store.seal(m.args, m.uuid), json.dumps(m.base), m.client_time, m.offset_ms,
        )  # fmt: skip

    def pending(self, lane: str | None = None) -> list[Mutation]:
        return self._read("state = 'pending' AND lane = coalesce(?, lane)", lane)

    def sent(self) -> list[Mutation]:
        return self._read("state = 'sent'")

    def not_sent(self) -> list[Mutation]:
        """Mutations that the server refused, with the user's text, until they are dismissed."""
        return self._read("state = 'refused'")

    def find(self, uuid: str) -> Mutation | None:
        rows = self._read("uuid = ?", uuid)
        return rows[0] if rows else None

    def dismiss(self, uuid: str) -> None:
        self.store.run("DELETE FROM mutation WHERE uuid = ? AND state = 'refused'", uuid)

    def is_forked(self, lane: str, results: Iterable[dict[str, Any]]) -> bool:
        """Whether one of our ids belongs to another mutation on the server. Then a copy of this
        phone, or this phone before a restore, has used the same client id."""
        query = "SELECT uuid FROM mutation WHERE client_id = ? AND lane = ? AND id = ?"
        for result in results:
            row = self.store.one(query, self.client_id(), lane, result["id"])
            if row and result.get("uuid", row["uuid"]) != row["uuid"]:
                return True
        return False

    def store_results(
        self, lane: str, lmid: int, results: Iterable[dict[str, Any]], at: datetime
    ) -> None:
        """Store the outcome of mutations. Up to `lmid`, those without a result were applied."""
        for result in results:
            row = self.store.one(
                "SELECT uuid FROM mutation WHERE client_id = ? AND lane = ? AND id = ?"
                " AND state <> 'refused'",
                self.client_id(), lane, result["id"],
            )  # fmt: skip
            if row:
                state = "sent" if result["status"] == "applied" else "refused"
                self._close(row["uuid"], state, result, at)
        self.store.run(
            "UPDATE mutation SET state = 'sent', settled_at = ?"
            " WHERE client_id = ? AND lane = ? AND id <= ? AND state = 'pending'",
            format_time(at), self.client_id(), lane, lmid,
        )  # fmt: skip
        self.store.run(
            "INSERT INTO lane (name, lmid) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET lmid = max(lmid, excluded.lmid)",
            lane, lmid,
        )  # fmt: skip

    def _close(self, uuid: str, state: str, result: dict[str, Any], at: datetime) -> None:
        self.store.run(
            "UPDATE mutation SET state = ?, settled_at = ?, result = ? WHERE uuid = ?",
            state, format_time(at), self.store.seal(result, uuid, "result"), uuid,
        )  # fmt: skip

    def set_aside(self, mutation: Mutation, code: str, at: datetime) -> None:
        """Mark a mutation as refused without the server, and close the gap in the ids."""
        result = {"status": "rejected", "code": code}
        self._close(mutation.uuid, "refused", result, at)
        self.store.run("UPDATE mutation SET id = NULL WHERE uuid = ?", mutation.uuid)
        for later in self.pending(mutation.lane):
            self.store.run("UPDATE mutation SET id = id - 1 WHERE uuid = ?", later.uuid)

    def renumber(self, client_id: str, *, reoffer: bool) -> None:
        """Give every pending mutation a new id under a new client id. `reoffer` includes those sent
        in the last days, because a restored server may have lost them."""
        self.store.put(client_id=client_id)
        self.store.run("DELETE FROM lane")
        states = "state IN ('pending', 'sent')" if reoffer else "state = 'pending'"
        ids = dict.fromkeys(LANES, 0)
        for mutation in self._read(states):
            ids[mutation.lane] += 1
            self.store.run(
                "UPDATE mutation SET client_id = ?, id = ?, state = 'pending' WHERE uuid = ?",
                client_id, ids[mutation.lane], mutation.uuid,
            )  # fmt: skip

    def reopen(self, lane: str, expected: int) -> bool:
        """Queue all mutations from `expected` on again. Returns False, without a change, if any is
        gone."""
        key = (self.client_id(), lane, expected)
        rows = self._read("client_id = ? AND lane = ? AND id >= ?", *key)
        if [row.id for row in rows] != list(range(expected, self.next_id(lane))):
            return False
        self.store.run(
            "UPDATE mutation SET state = 'pending' WHERE client_id = ? AND lane = ? AND id >= ?",
            *key,
        )
        self.store.run("UPDATE lane SET lmid = ? WHERE name = ?", expected - 1, lane)
        return True

    def prune(self, now: datetime) -> None:
        self.store.run(
            "DELETE FROM mutation WHERE state = 'sent' AND settled_at < ?",
            format_time(now - KEPT_AFTER_SENDING),
        )

    def _read(self, where: str, *values: Any) -> list[Mutation]:
        sql = f"SELECT * FROM mutation WHERE {where} ORDER BY position"  # noqa: S608  (our own)
        rows = self.store.all(sql, *values)
        return [self._mutation(row) for row in rows]

    def _mutation(self, row: Any) -> Mutation:
        plain = {name: row[name] for name in Mutation._fields}
        result = row["result"] and self.store.open(row["result"], row["uuid"], "result")
        return Mutation(**{
            **plain, "args": self.store.open(row["args"], row["uuid"]),
            "base": json.loads(row["base"]), "result": result,
        })  # fmt: skip
