"""The endpoints of pictures and recordings in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from recovery.api.schema import UUID, an_object
from recovery.blobs.media.kinds import KINDS
from recovery.blobs.rules import LARGEST, PIECE

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "of the bytes as sent"}
SCOPE = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"}
DECLARED = an_object(
    ["scope", "sha256", "size"],
    scope=SCOPE,
    sha256=SHA256,
    size={"type": "integer", "minimum": 1, "maximum": LARGEST},
)
PROGRESS = an_object(
    ["upload", "offset", "piece_bytes", "complete"],
    upload=UUID,
    offset={"type": "integer", "minimum": 0, "maximum": LARGEST},
    piece_bytes={"type": "integer"},
    complete={"type": "boolean"},
)
BYTES = {"type": "string", "format": "binary", "maxLength": PIECE}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook."""
    for path, operation in _operations().items():
        result["paths"][path] = {"post": operation | {"tags": ["blobs"]}}
    return result


def _operations() -> dict[str, Any]:
    declared, progress = _json(DECLARED), {"200": _json(PROGRESS)}
    piece = {"application/octet-stream": {"schema": BYTES}}
    readable = _json(an_object(["scope", "sha256"], scope=SCOPE, sha256=SHA256))
    whole = BYTES | {"maxLength": LARGEST}
    file = {"content": {kind.media_type: {"schema": whole} for kind in KINDS}, "description": ""}
    return {
        "/api/v1/blobs": _operation(
            "declare", "Begin an upload, or resume it.", declared, progress
        ),
        "/api/v1/blobs/pieces": _operation(
            "take_piece",
            "Upload the next piece. The last one completes the upload.",
            {"content": piece},
            progress,
            _header("Upload-Id", UUID),
            _header("Upload-Offset", PROGRESS["properties"]["offset"]),
        ),
        "/api/v1/blobs/read": _operation(
            "read",
            "A file that a document in the scope refers to.",
            readable,
            {"200": file, "206": file},
        ),
    }


def _operation(
    name: str, purpose: str, body: dict[str, Any], answers: dict[str, Any], *headers: Any
) -> dict[str, Any]:
    return {
        "operationId": f"blobs.{name}",
        "description": purpose,
        "security": [{"bearer": []}],
        "parameters": list(headers),
        "requestBody": {"required": True, "content": body["content"]},
        "responses": answers,
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": schema}
