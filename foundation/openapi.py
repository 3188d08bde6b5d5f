"""Describe plain views in the OpenAPI document. drf-spectacular describes DRF's views itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from foundation.fields import Schema, openapi

View = TypeVar("View", bound=Callable[..., Any])
JSON = ("application/json",)


def described(
    name: str, request: Callable[..., Any] | Schema, answer: Schema, **more: Any
) -> Callable[[View], View]:
    """The view's docstring says what it is for. `more`: see `_operation`.

    Stands above `limited`: if a view has a `cls`, its limits are those of the class.
    """

    def attach(view: View) -> View:
        schema = openapi(request) if callable(request) else request
        operation = _operation(name, schema, answer, **more)
        operation["description"] = inspect.getdoc(view)
        post = extend_schema(operation=operation)(lambda self, request: None)  # never called
        members = {"post": post, "limits": view.limits}  # type: ignore[attr-defined]
        view.cls, view.initkwargs = type(name, (APIView,), members), {}  # type: ignore[attr-defined]
        return view

    return attach


def _operation(
    name: str,
    request: Schema,
    answer: Schema,
    *,
    headers: dict[str, Schema] | None = None,
    takes: tuple[str, ...] = JSON,
    gives: tuple[str, ...] = JSON,
    statuses: tuple[str, ...] = ("200",),
) -> Schema:
    required = {"in": "header", "required": True}
    given = {"description": "", "content": {media: {"schema": answer} for media in gives}}
    return {
        "operationId": name,
        "tags": [name.partition(".")[0]],
        "security": [{"bearer": []}],
        "parameters": [{"name": n, "schema": s} | required for n, s in (headers or {}).items()],
        "requestBody": {
            "required": True,
            "content": {media: {"schema": request} for media in takes},
        },
        "responses": dict.fromkeys(statuses, given),
    }
