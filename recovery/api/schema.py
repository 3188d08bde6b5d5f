"""The sync endpoints in the OpenAPI document. Plain views are described here by hand.

`tests/api/test_schema.py` checks that the document lists every public URL and no other.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from recovery.api.problems import STATUSES


class Bearer(OpenApiAuthenticationExtension):
    """The access token in the terms of OpenAPI."""

    target_class = "recovery.signin.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


UUID = {"type": "string", "format": "uuid"}
WHOLE = {"type": "integer", "minimum": 0, "maximum": 2**53}
SHORT = {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[ -~]+$"}
POSITION = {
    "type": "array",
    "description": "[seq, base, grant]; only seq means anything to the phone",
    "items": {"anyOf": [WHOLE, {"type": "string"}]},
    "minItems": 3,
    "maxItems": 3,
}
ENTRY = {"type": "array", "description": "[kind, id, seq, document]", "items": {}}


def an_object(required: list[str], **properties: Any) -> dict[str, Any]:
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties} | needed


ACK = an_object([], main=WHOLE, urgent=WHOLE)
CURSOR = an_object(
    [],
    epoch={"type": "string"},
    scopes={"type": "object", "additionalProperties": POSITION, "maxProperties": 500},
)
PULL = an_object(
    ["client_id"],
    client_id=UUID,
    schema={"type": "integer", "minimum": 0, "maximum": 10_000},
    limit={"type": "integer", "minimum": 1, "maximum": 500},
    ack=ACK,
    only={"type": "array", "items": {"type": "string"}, "nullable": True, "maxItems": 500},
    cursor=CURSOR,
)
MUTATION = an_object(
    ["id", "uuid", "action"],
    id=WHOLE | {"minimum": 1},
    uuid=UUID,
    action={"type": "string"},
    v=WHOLE | {"minimum": 1},
    args={"type": "object"},
    base={"type": "object", "additionalProperties": WHOLE},
    client_time={"type": "string", "format": "date-time"},
    offset_ms={"type": "number"},
)
RESULT = an_object(
    ["id", "uuid", "status"],
    id=WHOLE,
    uuid=UUID,
    status={"type": "string", "enum": ["applied", "rejected"]},
    code={"type": "string"},
    at={"type": "array", "items": {}},
    dup={"type": "boolean"},
)
CHANGED = an_object(
    ["scope", "pos", "head", "reset", "put", "del"],
    scope={"type": "string"},
    pos=POSITION,
    head=WHOLE,
    reset={"type": "string", "enum": ["purge", "sweep"], "nullable": True},
    put={"type": "array", "items": ENTRY},
    **{"del": {"type": "array", "items": ENTRY}},
)
PULLED = an_object(
    ["epoch", "server_time", "lease_expires_at", "has_more", "lmid", "results", "drop", "scopes"],
    epoch={"type": "string"},
    server_time={"type": "string", "format": "date-time"},
    lease_expires_at={"type": "string", "format": "date-time"},
    has_more={"type": "boolean"},
    lmid=ACK,
    results={"type": "array", "items": RESULT},
    drop={"type": "array", "items": {"type": "object"}},
    scopes={"type": "array", "items": CHANGED},
)
DIGEST = an_object(
    ["client_id"],
    client_id=UUID,
    schema=PULL["properties"]["schema"],
    only=PULL["properties"]["only"],
    differed={"type": "array", "items": {"type": "string"}, "maxItems": 500},
)
DIGESTED = an_object(
    ["epoch", "server_time", "scopes"],
    epoch={"type": "string"},
    server_time={"type": "string", "format": "date-time"},
    scopes={
        "type": "array",
        "items": an_object(
            ["scope", "head", "count", "xor"],
            scope={"type": "string"},
            head=WHOLE,
            count=WHOLE,
            xor={"type": "string", "pattern": "^[0-9a-f]{16}$"},
        ),
    },
)
NEXT = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
HISTORY = an_object(
    ["scope", "kind"],
    scope={"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    kind=SHORT,
    schema=PULL["properties"]["schema"],
    before=NEXT | {"nullable": True, "description": "the `next` of the previous page"},
    limit={"type": "integer", "minimum": 1, "maximum": 200},
)
OLDER = an_object(
    ["scope", "server_time", "next", "entries"],
    scope={"type": "string"},
    server_time={"type": "string", "format": "date-time"},
    next=NEXT | {"nullable": True},
    entries={"type": "array", "items": ENTRY},
)
REGISTER = an_object(
    ["install", "platform", "app"],
    install={"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    platform=SHORT,
    app=SHORT,
    schema={"type": "integer", "minimum": 0, "maximum": 10_000},
)
REGISTERED = an_object(
    ["client_id", "epoch", "server_time", "lease_expires_at", "limits"],
    client_id=UUID,
    epoch={"type": "string"},
    server_time={"type": "string", "format": "date-time"},
    lease_expires_at={"type": "string", "format": "date-time"},
    limits={"type": "object"},
)
PUSH = an_object(
    ["client_id", "mutations"],
    client_id=UUID,
    lane={"type": "string", "enum": ["main", "urgent"]},
    schema={"type": "integer", "minimum": 0, "maximum": 10_000},
    ack=ACK,
    mutations={"type": "array", "items": MUTATION, "maxItems": 50},
    pull=an_object([], cursor=CURSOR, limit=PULL["properties"]["limit"]),
)
PUSHED = an_object(
    ["lmid", "results"],
    lmid=ACK,
    results={"type": "array", "items": RESULT},
    stopped=an_object(["id", "code", "retry_after_ms"], id=WHOLE, code={"type": "string"}),
    pull=PULLED,
)
TICKET = an_object(
    ["ticket", "expires_in"], ticket={"type": "string"}, expires_in={"type": "integer"}
)
# path: (operation, purpose, request, status, answer)
PLAIN: dict[str, tuple[str, str, dict[str, Any], int, dict[str, Any]]] = {
    "/api/v1/sync/clients": ("sync.register", "Register this phone.", REGISTER, 200, REGISTERED),
    "/api/v1/sync/pull": ("sync.pull", "What this phone does not have yet.", PULL, 200, PULLED),
    "/api/v1/sync/digest": (
        "sync.digest",
        "What this phone should hold, so that it can compare this with what it holds.",
        DIGEST,
        200,
        DIGESTED,
    ),
    "/api/v1/sync/history": (
        "sync.history",
        "What people wrote before the feed of a scope begins, newest first.",
        HISTORY,
        200,
        OLDER,
    ),
    "/api/v1/live/ticket": ("live.ticket", "A single-use ticket.", an_object([]), 200, TICKET),
    "/api/v1/sync/push": ("sync.push", "Hand in the phone's queue.", PUSH, 200, PUSHED),
}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: add the plain views, and the problems that any request may get."""
    for path, described in PLAIN.items():
        result["paths"][path] = {"post": _operation(*described)}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"] = PROBLEM_RESPONSES | operation["responses"]
    return result


def _operation(
    name: str, purpose: str, request: dict[str, Any], status: int, answer: dict[str, Any]
) -> dict[str, Any]:
    done = {"description": "", "content": {"application/json": {"schema": answer}}}
    return {
        "operationId": name,
        "description": purpose,
        "tags": ["sync"],
        "security": [{"bearer": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {str(status): done},
    }


def _problem() -> dict[str, Any]:
    document = {"$ref": "#/components/schemas/ProblemDocument"}
    return {"description": "", "content": {"application/problem+json": {"schema": document}}}


PROBLEM_RESPONSES = {str(status): _problem() for status in STATUSES}
