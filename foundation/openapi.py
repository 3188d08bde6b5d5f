"""Describe plain views in the OpenAPI document. drf-spectacular describes DRF's views itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from foundation.fields import Schema, openapi
from foundation.http import answers_problems
from foundation.problems import NotFound

View = TypeVar("View", bound=Callable[..., Any])
JSON = ("application/json",)


def described(
    name: str,
    request: Callable[..., Any] | Schema,
    answer: Schema,
    *,
    headers: dict[str, Schema] | None = None,
    takes: tuple[str, ...] = JSON,
    gives: tuple[str, ...] = JSON,
    statuses: tuple[str, ...] = ("200",),
) -> Callable[[View], View]:
    """The view's docstring says what it is for. `takes` and `gives` are media types.

    Stands above `limited`: if a view has a `cls`, its limits are those of the class.
    """
    body = openapi(request) if callable(request) else request
    header = {"in": "header", "required": True}
    operation = {
        "operationId": name,
        "tags": [name.partition(".")[0]],
        "security": [{"bearer": []}],
        "parameters": [{"name": n, "schema": s} | header for n, s in (headers or {}).items()],
        "requestBody": {"required": True, "content": content(takes, body)},
        "responses": {
            status: {"description": "", "content": content(gives, answer)} for status in statuses
        },
    }

    def attach(view: View) -> View:
        limits = view.limits  # type: ignore[attr-defined]
        description = {"description": inspect.getdoc(view)}
        return with_class(view, name, limits, post={"operation": operation | description})

    return attach


def with_class(view: View, name: str, limits: Any, **operations: dict[str, Any]) -> View:
    """Give the view a class that is never called, because drf-spectacular describes classes.

    `operations`: by method, the arguments of `extend_schema`.
    """
    members: dict[str, Any] = {"limits": limits}
    for method, operation in operations.items():
        members[method] = extend_schema(**operation)(lambda self, request: None)
    view.cls, view.initkwargs = type(name, (APIView,), members), {}  # type: ignore[attr-defined]
    return view


def content(media_types: tuple[str, ...], schema: Schema) -> Schema:
    return {media_type: {"schema": schema} for media_type in media_types}


def about_the_api(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A description of the API. Where API_DOCS does not ask for it, this is an unknown URL."""

    @answers_problems
    @wraps(view)
    def asked_for(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.API_DOCS:
            raise NotFound
        return view(request, *args, **kwargs)

    return asked_for
