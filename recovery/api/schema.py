"""The OpenAPI document, and what its operations share: tokens, problems, documents, mutations."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from foundation.fields import ID, a_tuple, an_object
from recovery.actions.registry import ACTIONS
from recovery.api.actions import INTERNAL, component
from recovery.api.problems import PROBLEM, STATUSES
from recovery.api.sync.mutations import schema as mutation
from recovery.api.sync.wire import WHOLE
from recovery.feed.documents import KINDS
from recovery.feed.shapes import shape_of

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
    """drf-spectacular's hook: add the problems that any request may get, and the unions of all
    documents and of all mutations."""
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"] = PROBLEM_RESPONSES | operation["responses"]
    components = result["components"]
    components["securitySchemes"]["ceremony"] = CEREMONY
    added = _documents() | _mutations(components["schemas"]) | {"ProblemDocument": PROBLEM}
    # Staff's lists show some documents, too. Under their name stands what the feed promises.
    components["schemas"] |= added
    return result


def _documents() -> dict[str, Any]:
    """A component for each kind's newest documents, and `Entry`, the union of their entries."""
    documents = {f"{component(kind)}Document": shape_of(kind) for kind in sorted(KINDS)}
    entries = [
        a_tuple({"const": kind}, ID.schema, WHOLE, _ref(f"{component(kind)}Document"))
        for kind in sorted(KINDS)
    ]
    about = "[kind, id, seq, document], in the newest schema. See GET /api/documents."
    return documents | {"Entry": {"oneOf": entries, "description": about}}


def _mutations(schemas: dict[str, Any]) -> dict[str, Any]:
    """A component for each action's mutation, and `Mutation`, their union by `action`."""
    mutations = {
        name: mutation(name, _ref(f"{component(name)}Input"))
        for name, action in sorted(ACTIONS.items())
        if action.allow not in INTERNAL
    }
    by_name = {name: f"#/components/schemas/{component(name)}Mutation" for name in mutations}
    union = {
        "oneOf": [{"$ref": ref} for ref in by_name.values()],
        "discriminator": {"propertyName": "action", "mapping": by_name},
    }
    components = {f"{component(name)}Mutation": schema for name, schema in mutations.items()}
    # An action without fields has no component of its own.
    empty = {f"{component(name)}Input": an_object() for name in mutations}
    return components | {"Mutation": union} | {n: s for n, s in empty.items() if n not in schemas}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref("ProblemDocument")}}
    return {"description": "", "content": content}


CEREMONY = {"type": "apiKey", "in": "header", "name": "X-Session-Token"}
PROBLEM_RESPONSES = {str(status): _problem() for status in STATUSES}
