"""A small model of the server's feed: numbered commits, pages, frames, restores."""

from dataclasses import dataclass, field
from typing import Any

Rows = dict[str, tuple[int, str | None]]  # object: (seq, text), None for a tombstone


@dataclass
class Scope:
    rows: Rows = field(default_factory=dict)
    seq: int = 0
    grant: int = 1
    visible_from: int = 0
    past: list[Rows] = field(default_factory=lambda: [{}])  # the rows at every number

    def commit(self, changes: dict[str, str | None]) -> dict[str, Any]:
        """Write several objects in one transaction; the frame that announces it."""
        start, put, deleted = self.seq, [], []
        for key, text in changes.items():
            self.seq += 1
            self.rows = {**self.rows, key: (self.seq, text)}
            if text is None:
                deleted.append(["message", key, self.seq])
            else:
                put.append(["message", key, self.seq, {"text": text}])
        self.past += [self.rows] * (self.seq - start)
        return {"t": "c", "from": start, "to": self.seq, "put": put, "del": deleted}

    def lose_last_commit(self) -> None:
        """Restore a backup from before the last commit."""
        while self.seq and self.past.pop() is self.past[-1]:
            self.seq -= 1
        self.seq = max(0, self.seq - 1)
        self.rows = self.past[-1]
        self.visible_from = min(self.visible_from, self.seq)

    def visible(self, at: int) -> dict[str, tuple[int, str]]:
        """What a member at position `at` sees."""
        rows = self.past[at].items()
        return {k: (n, t) for k, (n, t) in rows if t is not None and n > self.visible_from}


@dataclass
class Feed:
    scopes: dict[str, Scope]
    epoch: int = 1

    def heads(self) -> dict[str, int]:
        return {name: scope.seq for name, scope in self.scopes.items()}

    def page(self, cursor: dict[str, Any], limit: int) -> dict[str, Any]:
        """At most `limit` rows after `cursor`, following section 2.2."""
        known = cursor.get("scopes", {}) if cursor.get("epoch") == f"e{self.epoch}" else {}
        old = cursor.get("scopes", {})
        parts, room = [], limit
        for name, scope in self.scopes.items():
            if room and (part := self._part(name, scope, known.get(name), old.get(name), room)):
                parts.append(part)
                room -= len(part["put"]) + len(part["del"])
        valid = {name: pos for name, pos in known.items() if pos[2] == f"{self.scopes[name].grant}"}
        reached = {name: pos[0] for name, pos in valid.items()}
        reached |= {part["scope"]: part["pos"][0] for part in parts}
        more = any(reached.get(name) != head for name, head in self.heads().items())
        return {
            "epoch": f"e{self.epoch}",
            "lease_expires_at": "2026-04-01T12:00:00Z",
            "has_more": more,
            "lmid": {},
            "results": [],
            "drop": [],
            "scopes": parts,
        }

    def _part(
        self, name: str, scope: Scope, pos: list[Any] | None, before: list[Any] | None, room: int
    ) -> dict[str, Any] | None:
        grant, reset = f"{scope.grant}", None
        if pos is None or pos[2] != grant or pos[0] > scope.seq:
            purge = before is not None and before[2] not in ("", grant)
            pos, reset = [0, scope.seq, grant], "purge" if purge else "sweep"
        after, base, _ = pos
        if after == scope.seq and not reset:
            return None
        fresh = [(n, key, text) for key, (n, text) in scope.rows.items() if n > after]
        taken = [row for row in sorted(fresh) if row[2] is not None or row[0] > base]
        taken = [row for row in taken if row[0] > scope.visible_from]
        page, rest = taken[:room], taken[room:]
        return {
            "scope": name,
            "pos": [page[-1][0] if rest else scope.seq, base, grant],
            "head": scope.seq,
            "reset": reset,
            "put": [["message", k, n, {"text": t}] for n, k, t in page if t is not None],
            "del": [["message", k, n] for n, k, t in page if t is None],
        }
