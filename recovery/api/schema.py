"""The OpenAPI document, and what all its operations share: the access token, and the problems."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from recovery.api.problems import STATUSES

RENDERERS: dict[str, Any] = {"json": OpenApiJsonRenderer, "yaml": OpenApiYamlRenderer}
_one_at_a_time = Lock()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The document, as JSON or YAML: `?format=json`, or by the header Accept."""
    wish = request.GET.get("format") or request.headers.get("Accept", "")
    name = "json" if "json" in wish else "yaml"
    with _one_at_a_time:
        text = _rendered(name)
    return HttpResponse(
        text,
        content_type=f"{RENDERERS[name].media_type}; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="Handrail.{name}"'},
    )


@lru_cache
def _rendered(name: str) -> bytes:
    """Takes half a second of processor time, so it is done once per process."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    return bytes(RENDERERS[name]().render(document, renderer_context={}))


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
