"""Server answers of the protocol, for tests of the phone."""

from datetime import UTC, datetime
from typing import Any

from clients.phone.answers import Answers, Request
from clients.phone.keystore import Keystore
from clients.phone.outbox import Mutation
from clients.phone.store import Store

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ME = "person:ana"
GROUP = "group:monday"
TOKENS = {"access_token": "hra_1", "refresh_token": "hrr_1", "session": "s1"}


def phone_memory() -> Answers:
    """A phone's data alone, registered as `cl_1` in epoch `e1`."""
    answers = Answers(Store(None, Keystore(None)))
    answers.take_registration(registration())
    return answers


def registration(client_id: str = "cl_1", epoch: str = "e1", **limits: int) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "epoch": epoch,
        "server_time": "2026-03-02T12:00:00Z",
        "lease_expires_at": "2026-04-01T12:00:00Z",
        "limits": {"mutations": 50, "bytes": 524288, "scopes": 500, **limits},
    }


def page(
    *scopes: dict[str, Any],
    epoch: str = "e1",
    lmid: dict[str, int] | None = None,
    results: list[dict[str, Any]] | None = None,
    drop: list[str] | None = None,
    has_more: bool = False,
    lease: str = "2026-04-01T12:00:00Z",
) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "server_time": "2026-03-02T12:00:00Z",
        "lease_expires_at": lease,
        "has_more": has_more,
        "lmid": lmid or {},
        "results": results or [],
        "drop": [{"scope": name, "purge": "now"} for name in drop or []],
        "scopes": list(scopes),
    }


def digest(*scopes: tuple[str, int, int, str], epoch: str = "e1") -> dict[str, Any]:
    """What the phone should hold: (scope, head, count, xor) each. Its clock is a day later."""
    scope_digests = [
        dict(zip(("scope", "head", "count", "xor"), each, strict=True)) | {"grant": "1.1"}
        for each in scopes
    ]
    return {"epoch": epoch, "server_time": "2026-03-03T12:00:00Z", "scopes": scope_digests}


def part(
    name: str,
    seq: int,
    put: list[list[Any]] | None = None,
    deleted: list[list[Any]] | None = None,
    *,
    head: int | None = None,
    reset: str | None = None,
    base: int = 0,
    grant: str = "1.1",
) -> dict[str, Any]:
    """A page's part for one scope, up to `seq`. The scope is complete unless `head` is higher."""
    return {
        "scope": name,
        "pos": [seq, base, grant],
        "head": seq if head is None else head,
        "reset": reset,
        "put": put or [],
        "del": deleted or [],
    }


def message(key: str, seq: int, text: str = "hello") -> list[Any]:
    return ["message", key, seq, {"text": text}]


def take(answers: Answers, answer: dict[str, Any], request: Request | None = None) -> bool:
    return answers.take_pull(request or answers.request(), answer, AT)


def shown(answers: Answers, scope: str | None = None) -> dict[str, int | None]:
    """Ids and versions of the documents that this phone shows."""
    return {document.id: document.seq for document in answers.overlay.read(scope=scope)}


def mutation(uuid: str, lane: str = "main", action: str = "groups.post", **args: Any) -> Mutation:
    return Mutation(
        uuid, lane, None, "pending", action, 1, args, {}, "2026-03-02T11:59:00Z", None, None
    )
