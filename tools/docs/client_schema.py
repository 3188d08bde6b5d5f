"""The part of the OpenAPI document that clients/handrail-js makes its types from: the document of
each kind and the input of each action. The whole document is 1.8 MB."""

from __future__ import annotations

import json
import re
from typing import Any

from drf_spectacular.generators import SchemaGenerator

REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')
Schema = dict[str, Any]


def client_schema() -> str:
    whole = SchemaGenerator().get_schema(request=None, public=True)
    schemas: Schema = whole["components"]["schemas"]
    tables = {"Documents": _documents(schemas), "Inputs": _inputs(schemas)}
    used = tables | {name: schemas[name] for name in sorted(_reached(tables, schemas))}
    about = {"title": "Documents and inputs of actions", "version": whole["info"]["version"]}
    slim = {
        "openapi": whole["openapi"],
        "info": about,
        "paths": {},
        "components": {"schemas": used},
    }
    return json.dumps(slim, indent=1) + "\n"


def _documents(schemas: Schema) -> Schema:
    """By kind, the document of an entry."""
    rows = [entry["prefixItems"] for entry in schemas["Entry"]["oneOf"]]
    return _table({kind["const"]: document for kind, _, _, document in rows})


def _inputs(schemas: Schema) -> Schema:
    """By action, its `args`."""
    parts = [schema.get("properties", {}) for schema in schemas.values()]
    mutations = [part for part in parts if {"action", "args", "uuid"} <= part.keys()]
    return _table({part["action"]["const"]: part["args"] for part in mutations})


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _reached(tables: Schema, schemas: Schema) -> set[str]:
    reached: set[str] = set()
    waiting = REFERENCE.findall(json.dumps(tables))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += REFERENCE.findall(json.dumps(schemas[name]))
    return reached
