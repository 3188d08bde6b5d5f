"""What all operations of the OpenAPI document share: the access token, and the problems."""

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


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: add the problems that any request may get."""
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"] = PROBLEM_RESPONSES | operation["responses"]
    return result


def _problem() -> dict[str, Any]:
    document = {"$ref": "#/components/schemas/ProblemDocument"}
    return {"description": "", "content": {"application/problem+json": {"schema": document}}}


PROBLEM_RESPONSES = {str(status): _problem() for status in STATUSES}
