"""Paged lists of rows for staff screens. Every page that staff read is audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError as BadValue
from django.db import DataError, models, transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recovery.actions.ledger import audit_read
from recovery.feed.context import set_actor
from recovery.feed.models import Scoped
from recovery.feed.scopes import scope_id


class Pages(pagination.CursorPagination):
    """Pages in the order of the view's `newest_first`. An invalid cursor is a 400."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        return tuple(view.newest_first)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (BadValue, ValueError, DataError) as error:
            raise serializers.ValidationError({"cursor": "This is not a valid cursor."}) from error


class ScopeField(serializers.CharField):
    """The name of a scope, as everywhere on the wire. Value: its id."""

    default_error_messages = {"name": "This must be the name of a scope, such as care:<id>."}

    def to_internal_value(self, data: Any) -> Any:
        try:
            return scope_id(super().to_internal_value(data))
        except ValueError:
            self.fail("name")


class VisibleRows(generics.ListAPIView[Any]):
    """The rows of a model that the user may see. `?scope=` limits them to one scope, by its name.

    A scope that the user is not in looks empty, exactly like one that does not exist.
    """

    model: type[Scoped]
    newest_first: tuple[str, ...] = ("-id",)
    pagination_class = Pages

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            set_actor(request.user.id)
            return super().list(request, *args, **kwargs)

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        if rows and self.request.user.is_staff:
            audit_read(rows, self.request.user, timezone.now())
        return rows

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = self.model.objects.visible_to(self.request.user)
        scope = self.parameter("scope", ScopeField())
        return rows if scope is None else rows.in_scope(scope)

    def parameter(self, name: str, field: serializers.Field[Any, Any, Any, Any]) -> Any:
        """A query parameter parsed by `field`, or None if it is missing. 400 if it is invalid."""
        value = self.request.query_params.get(name)
        try:
            return None if value is None else field.run_validation(value)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({name: error.detail}) from error


def described_list(
    name: str, *parameters: OpenApiParameter, scope: str | None = None
) -> Callable[[type], type]:
    """Describe a list in the OpenAPI document, as `domain.name`. `scope`: what `?scope=` names."""
    if scope is not None:
        about = f"the name of {scope}, such as care:<id>"
        parameters = (OpenApiParameter("scope", OpenApiTypes.STR, description=about), *parameters)
    domain, _, _ = name.partition(".")
    operation = extend_schema(operation_id=name, tags=[domain], parameters=[*parameters])
    return extend_schema_view(get=operation)
