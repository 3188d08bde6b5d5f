"""Stands in for the server of a vector, for a client on any schedule of requests.

What the vector's `server` members say is what it knows. A pull is answered from that for any
cursor, a push with the recorded result of each mutation, in whatever batches they come. Every other
answer is played as it was recorded, once, to the first request that contains what the vector says.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.vectors.exchanges import CLIENTS, PULL, PUSH, Exchange, contents, is_plain, named_in

LEASE = timedelta(days=30)
ORDER = ("person", "care", "supporter", "pair", "group", "moderators", "staff", "program")
UNSEEN = [0, 0, ""]
Body = dict[str, Any]


class StandIn:
    """Raises AssertionError for a request that no client may send at this point."""

    def __init__(self, vector: dict[str, Any], now: datetime) -> None:
        self.now = now
        self.epoch = ""
        self.scopes: dict[str, Any] = {}
        self.taken: dict[str, dict[str, int]] = {}
        self.receipts: dict[tuple[str, str, int], Body] = {}
        self.answered: dict[tuple[str, str], int] = {}
        self.urgent: set[str] = set()  # queued in the urgent lane and not yet pushed
        self.queued: dict[str, Body] = {}  # what the owner did, by uuid
        self.waiting: list[Exchange] = []
        self.recorded: list[Exchange] = []
        self.requests: list[Body] = []  # the contents of all requests since the last settled state
        self.musts: list[Body] = []
        self.learn(vector["given"]["server"])

    # What happens

    def learn(self, changes: Body) -> None:
        """What the server holds now. `changes` is a `server` member of a vector."""
        self.epoch = changes.get("epoch", self.epoch)
        for name, change in changes.get("scopes", {}).items():
            self._learn_scope(name, change)
        for client, turns in changes.get("taken", {}).items():
            if turns is None:
                del self.taken[client]
            else:
                self.taken[client] = dict(turns)
        self.receipts = {  # a restored server has lost the later ones
            (client, lane, id_): receipt for (client, lane, id_), receipt in self.receipts.items()
            if id_ <= self.taken.get(client, {}).get(lane, 0)
        }  # fmt: skip

    def _learn_scope(self, name: str, change: Body | None) -> None:
        if change is None:
            del self.scopes[name]
            return
        scope = self.scopes.setdefault(name, {"entries": {}})
        scope |= {fact: change[fact] for fact in ("head", "floor", "grant", "from")}
        for kind, id_ in change["gone"]:
            scope["entries"].pop((kind, id_), None)
        scope["entries"] |= {(kind, id_): (seq, doc) for kind, id_, seq, doc in change["put"]}

    def queue(self, mutation: Body) -> None:
        """The owner did something. `mutation` is a `do` member of a vector."""
        seen = {f"{kind}/{id_}": seq for _, kind, id_, seq in mutation["base"]}
        sent = {name: mutation[name] for name in ("uuid", "action", "v", "args")}
        self.queued[mutation["uuid"]] = sent | {"base": seen}
        self.urgent |= {mutation["uuid"]} if mutation["urgent"] else set()

    def begin(self, exchanges: list[Exchange]) -> None:
        """The phone is about to sync."""
        self.recorded += exchanges
        self.waiting += [each for each in exchanges if not is_plain(each)]
        self.musts += [each["must"] for each in exchanges if "must" in each]

    def settle(self) -> None:
        """The phone has settled: it must have sent all that the vector says."""
        pushed = {(a["client_id"], uuid) for a in self.requests for uuid in a.get("pushes", [])}
        pulled = [request["pulls"] for request in self.requests if request.get("pulls") is not None]
        for must in self.musts:
            for uuid in must.get("pushes", []):
                assert (must["client_id"], uuid) in pushed, f"never pushed: {uuid}"
            if must.get("pulls") is not None:
                assert must["pulls"] in pulled, f"never pulled from {must['pulls']}"
            if must["path"] not in (PULL, PUSH):
                assert any(must.items() <= request.items() for request in self.requests), must
        self.waiting, self.recorded, self.requests, self.musts = [], [], [], []

    # Requests

    def play(self, path: str, body: Body, token: str | None) -> Exchange:
        """The exchange for this request: `answer`, `fate`, and perhaps `waits` and `meanwhile`."""
        request = contents(path, body) | {"token": token}
        self.requests.append(request)
        recorded = self._waiting_for(request)
        exchange = dict(recorded) if recorded else {"fate": "delivered"}
        if exchange["fate"] != "request_lost":
            self._check(body)
            exchange |= self._answer(path, body, exchange)
        return exchange

    def _waiting_for(self, request: Body) -> Exchange | None:
        for n, exchange in enumerate(self.waiting):
            if _fits(named_in(exchange), request, exchange):
                # In whatever steps a client halves a batch, what is too large stays so.
                is_lasting = exchange.get("answer", {}).get("status") == 413
                return exchange if is_lasting else self.waiting.pop(n)
        return None

    def _check(self, body: Body) -> None:
        for lane, last in body.get("ack", {}).items():
            answered = self.answered.get((body["client_id"], lane), 0)
            assert last <= answered, "acknowledges what was never answered"
        assert body.get("lane") != "main" or not self.urgent, "what is urgent goes first"
        for mutation in body.get("mutations", []):
            self.urgent.discard(mutation["uuid"])
            queued = self.queued[mutation["uuid"]]
            assert {name: mutation.get(name, {}) for name in queued} == queued

    def _answer(self, path: str, body: Body, exchange: Exchange) -> Exchange:
        ordinary = exchange.get("answer", {"status": 200})["status"] == 200
        if path == PUSH and ordinary:
            return self._answer_push(body)
        if path == PULL and ordinary:
            page = self._page(body, body) | exchange.get("adds", {})
            return {"answer": {"status": 200, "body": page}}
        assert "answer" in exchange, f"the vector has no answer to {path}"
        if "server" in exchange:
            self.learn(exchange["server"])
        if path == CLIENTS and ordinary:
            self.taken.setdefault(exchange["answer"]["body"]["client_id"], {})
        return {}

    def _answer_push(self, body: Body) -> Exchange:
        client, lane = body["client_id"], body["lane"]
        answer: Body = {"lmid": {}, "results": []}
        exchange: Exchange = {"answer": {"status": 200, "body": answer}}
        for mutation in body["mutations"]:
            if stop := self._stop(mutation["uuid"]):
                answer["stopped"] = stop["answer"]["body"]["stopped"] | {"id": mutation["id"]}
                exchange |= {"waits": stop["waits"]} if "waits" in stop else {}
                break
            answer["results"].append(self._take(client, lane, mutation, "pull" in body))
            answer["lmid"][lane] = mutation["id"]
        if "pull" in body:
            answer["pull"] = self._page(body, body["pull"])
        return exchange

    def _stop(self, uuid: str) -> Exchange | None:
        """The next recorded push that stopped at this mutation."""
        for exchange in self.recorded:
            if exchange.get("stops_at") == uuid:
                self.recorded.remove(exchange)
                return exchange
        return None

    def _pushes(self, uuid: str) -> list[Exchange]:
        """The recorded pushes with this mutation that the server took."""
        named = [(e, named_in(e)) for e in self.recorded]
        return [
            e for e, request in named
            if uuid in request.get("pushes", []) and e.get("answer", {}).get("status") == 200
        ]  # fmt: skip

    def _take(self, client: str, lane: str, mutation: Body, pulls: bool) -> Body:
        id_, uuid, turns = mutation["id"], mutation["uuid"], self.taken[client]
        if id_ <= turns.get(lane, 0):
            receipt = self.receipts[client, lane, id_]
            assert receipt["uuid"] == uuid, f"id {id_} was another mutation's"
            return receipt | {"id": id_, "dup": True}
        assert id_ == turns.get(lane, 0) + 1, f"id {id_} leaves a gap"
        recorded = self._pushes(uuid)
        assert recorded, f"not to be pushed now: {uuid}"
        request = [named_in(exchange) for exchange in recorded]
        assert not pulls or all(each.get("pulls", 0) is not None for each in request), "pulls"
        result, exchange = _result(recorded, uuid)
        self._happens(result, exchange)
        turns[lane] = self.answered[client, lane] = id_
        self.receipts[client, lane, id_] = result = result | {"id": id_}
        return result

    def _happens(self, result: Body, exchange: Exchange) -> None:
        """Show what this mutation changed, and not yet what those after it in its recorded batch
        did."""
        for scope, seq in result.get("at", []):
            change = exchange.get("server", {}).get("scopes", {}).get(scope)
            if change and self.scopes[scope]["head"] < seq:
                put = [entry for entry in change["put"] if entry[2] <= seq]
                self._learn_scope(scope, change | {"head": seq, "put": put})

    # Pages

    def _page(self, body: Body, pull: Body) -> Body:
        """A page, as recovery/feed/sql/pull.sql makes it."""
        cursor, client = pull["cursor"], body["client_id"]
        turns, acked = self.taken[client], body.get("ack", {})
        room, page = pull.get("limit", 500), []
        has_more = False
        for name in sorted(self.scopes, key=lambda name: ORDER.index(name.split(":")[0])):
            part = self._part(name, cursor, pull.get("limit", 500), body.get("schema", 1))
            if part and room <= 0:
                has_more = True
            elif part:
                page.append(part)
                has_more |= part.pop("is_full")
                room -= part.pop("wants")
        gone = sorted(cursor.get("scopes", {}).keys() - self.scopes.keys())
        return {
            "epoch": self.epoch,
            "server_time": self.now.isoformat(),
            "lease_expires_at": (self.now + LEASE).isoformat(),
            "has_more": has_more,
            "drop": [{"scope": name, "purge": "now"} for name in gone],
            "lmid": dict(turns),
            "results": [
                result | {"lane": lane}
                for (whose, lane, id_), result in self.receipts.items()
                # What was done under another client id is in the answer to the push only.
                if whose == client and id_ > acked.get(lane, 0) and "dup" not in result
            ],
            "scopes": page,
        }  # fmt: skip

    def _part(self, name: str, cursor: Body, limit: int, schema: int) -> Body | None:
        """A page's part for one scope, or None if the phone has read to its head."""
        scope = self.scopes[name]
        known = cursor.get("scopes", {}).get(name)
        seq, base, _ = known or UNSEEN
        reset = self._reset(scope, known, cursor.get("epoch"))
        if reset is None and seq >= scope["head"]:
            return None
        if reset:
            seq, base = 0, scope["head"]
        start = max(seq, scope["from"])
        rows = sorted((row[0], *key, row[1]) for key, row in scope["entries"].items()
                      if row[0] > start and (row[1] is not None or row[0] > base))  # fmt: skip
        rows, is_full = rows[:limit], len(rows) >= limit
        return {
            "scope": name,
            "pos": [rows[-1][0] if is_full else scope["head"], base, f"{scope['grant']}.{schema}"],
            "head": scope["head"],
            "reset": reset,
            "put": [[kind, id_, n, doc] for n, kind, id_, doc in rows if doc is not None],
            "del": [[kind, id_, n] for n, kind, id_, doc in rows if doc is None],
            "is_full": is_full,
            "wants": min(scope["head"] - start, limit),
        }  # fmt: skip

    def _reset(self, scope: Body, known: list[Any] | None, epoch: str | None) -> str | None:
        if known is None or epoch != self.epoch:
            return "sweep"
        seq, base, granted = known
        if granted.split(".")[0] != str(scope["grant"]):
            return "purge"
        is_void = seq > scope["head"] or base > scope["head"] or max(seq, base) < scope["floor"]
        return "sweep" if is_void else None


def _result(recorded: list[Exchange], uuid: str) -> tuple[Body, Exchange]:
    """The result of a mutation, and the exchange in which it happened."""
    for exchange in recorded:
        for result in exchange["answer"]["body"]["results"]:
            if result["uuid"] == uuid:
                return result, exchange
    raise AssertionError(f"the vector has no result for {uuid}")


def _fits(named: Body, request: Body, exchange: Exchange) -> bool:
    """Whether a request contains what the vector names. A push must contain the first mutation."""
    if named["path"] != request["path"] or named.get("token", request["token"]) != request["token"]:
        return False
    if named["path"] == PUSH:
        first = named["pushes"][0] in request["pushes"]
        return first and named["client_id"] == request["client_id"]
    names = ("client_id", "pulls") if named["path"] == PULL else named.keys()
    return all(named[name] == request.get(name) for name in names)
