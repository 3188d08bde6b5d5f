"""How a vector names a request: by what it must contain, not by its bytes.

Two clients that follow the protocol may divide the same work into other requests. What is named
here is what every one of them sends.
"""

from __future__ import annotations

from typing import Any

API = "/api/v1"
CLIENTS, PULL, PUSH = f"{API}/sync/clients", f"{API}/sync/pull", f"{API}/sync/push"
DIGEST, HISTORY = f"{API}/sync/digest", f"{API}/sync/history"
REFRESH, PIECES = f"{API}/sessions/refresh", f"{API}/blobs/pieces"

Exchange = dict[str, Any]


def contents(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a request contains, in the words of a vector."""
    if path == PULL:
        return {"path": path, "client_id": body["client_id"], "pulls": body["cursor"]}
    if path == PUSH:
        pulls = body["pull"]["cursor"] if "pull" in body else None
        pushes = [mutation["uuid"] for mutation in body["mutations"]]
        return {"path": path, "client_id": body["client_id"], "pushes": pushes, "pulls": pulls}
    if path == DIGEST:
        request = {"only": body.get("only"), "differed": body.get("differed") or []}
        return {"path": path, "client_id": body["client_id"], **request}
    if path == HISTORY:
        return {"path": path, **{name: body.get(name) for name in ("scope", "kind", "before")}}
    if path == PIECES:
        return {"path": path, "upload": body["upload"], "offset": body["offset"]}
    if path == REFRESH:
        return {"path": path, "refresh_token": body["refresh_token"]}
    return {"path": path, **body}


def named(
    request: dict[str, Any], answer: dict[str, Any] | None, before: list[Exchange]
) -> Exchange:
    """How a vector names a request: what it `must` contain, or what a client `may` ask.

    A client may leave out a request that brings nothing new. Only the first cursor from which the
    phone pulls is its settled state; the next ones depend on the size of its pages and batches. A
    client that knows when its token expires never meets 401.
    """
    request, answer = dict(request), answer or {"status": 0, "body": {}}
    if (
        request["path"] == PUSH
        and request["pulls"] is not None
        and answer["status"] not in (0, 200)
    ):
        del request["pulls"]
    stopped = answer["body"].get("stopped")
    if stopped and stopped["code"] == "out_of_step":
        # A client that pulls first may learn from the results that it has been copied.
        request["pushes"] = request["pushes"][: len(answer["body"]["results"])]
    if request.get("pulls") is not None and any(_pulls(each) for each in before):
        if request["path"] == PULL:
            return {"may": request}
        del request["pulls"]
    if answer["status"] == 401 and request["path"] != REFRESH:
        return {"may": request}
    return {"must" if request["path"] == PUSH or _is_news(answer) else "may": request}


def _pulls(exchange: Exchange) -> bool:
    return named_in(exchange).get("pulls") is not None


def named_in(exchange: Exchange) -> dict[str, Any]:
    request: dict[str, Any] = exchange.get("must") or exchange["may"]
    return request


def _is_news(answer: dict[str, Any]) -> bool:
    if answer["status"] != 200:
        return True
    page = answer["body"]
    return "drop" not in page or any(page[name] for name in ("scopes", "drop", "results"))


def is_plain(exchange: Exchange) -> bool:
    """Whether the rules of pull and push alone give this answer. All others are played once, to
    the first request that contains what the vector says."""
    delivered = exchange["fate"] == "delivered" and exchange["answer"]["status"] == 200
    return bool(
        delivered
        and named_in(exchange)["path"] in (PULL, PUSH)
        and not exchange.keys() & {"meanwhile", "adds"}
    )
