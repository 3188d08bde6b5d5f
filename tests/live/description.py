"""Validators, from docs/asyncapi.yaml, of the messages from and to phones."""

from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from tools.local.data_directory import CHECKOUT

DOCUMENT: dict[str, Any] = yaml.safe_load((CHECKOUT / "docs" / "asyncapi.yaml").read_text())


def resolved(reference: str) -> dict[str, Any]:
    """What `#/a/b` points to."""
    node = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return resolved(node["$ref"]) if "$ref" in node else node


def messages_of(operation: str) -> list[dict[str, Any]]:
    return [resolved(message["$ref"]) for message in DOCUMENT["operations"][operation]["messages"]]


def validators(operation: str) -> dict[str, Draft202012Validator]:
    """Message name to the validator of its payload."""
    schemas = {message["name"]: message["payload"] for message in messages_of(operation)}
    parts = {"components": DOCUMENT["components"]}
    return {
        name: Draft202012Validator(schema | parts, format_checker=FormatChecker())
        for name, schema in schemas.items()
    }


FROM_PHONE, TO_PHONE = validators("say"), validators("tell")
