"""What the OpenAPI document says about an answer."""

from __future__ import annotations

from typing import Any

import jsonschema
from drf_spectacular.generators import SchemaGenerator

DOCUMENT = SchemaGenerator().get_schema(request=None, public=True)


def as_described(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, once compared with its description. A member that is not described fails."""
    content = DOCUMENT["paths"][path]["post"]["responses"]["200"]["content"]
    components = {"components": COMPONENTS}
    jsonschema.validate(answer, _closed(content["application/json"]["schema"]) | components)
    return answer


def _closed(schema: Any) -> Any:
    """The schema without members other than those described."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(inner) for name, inner in schema.items()}
    if "properties" in schema:
        closed["additionalProperties"] = False
    return closed


COMPONENTS = _closed(DOCUMENT["components"])
