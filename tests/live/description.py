"""docs/asyncapi.yaml, as validators of what is said and told."""

from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from tools.local.data_directory import CHECKOUT

DOCUMENT: dict[str, Any] = yaml.safe_load((CHECKOUT / "docs" / "asyncapi.yaml").read_text())


def resolved(reference: str) -> dict[str, Any]:
    """What `#/a/b` points to."""
    found = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return resolved(found["$ref"]) if "$ref" in found else found


def messages_of(operation: str) -> list[dict[str, Any]]:
    return [resolved(message["$ref"]) for message in DOCUMENT["operations"][operation]["messages"]]


def validators(operation: str) -> dict[str, Draft202012Validator]:
    """Message name → validator of its payload."""
    schemas = {message["name"]: message["payload"] for message in messages_of(operation)}
    parts = {"components": DOCUMENT["components"]}
    return {
        name: Draft202012Validator(schema | parts, format_checker=FormatChecker())
        for name, schema in schemas.items()
    }


SAID, TOLD = validators("say"), validators("tell")
