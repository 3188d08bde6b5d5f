"""Lists for staff screens: the rows themselves, a page at a time, each look noted in the audit."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as NotAValue
from django.db import DataError, models, transaction
from django.utils import timezone
from rest_framework import generics, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recovery.actions.ledger import look
from recovery.feed.context import set_actor
from recovery.feed.models import Scoped


class Pages(pagination.CursorPagination):
    """Pages in the order of the view's `newest_first`; a cursor that is none is a 400."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        return tuple(view.newest_first)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotAValue, ValueError, DataError) as error:
            raise serializers.ValidationError({"cursor": "This is no cursor of ours."}) from error


class VisibleRows(generics.ListAPIView[Any]):
    """Rows of a model that the person asking may see; `?scope=` for those of one scope alone.

    A scope that they are not in has no rows for them, like one that does not exist.
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
            look(rows, self.request.user, timezone.now())
        return rows

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = self.model.objects.visible_to(self.request.user)
        scope = self.parameter("scope", serializers.UUIDField())
        return rows if scope is None else rows.in_scope(scope)

    def parameter(self, name: str, field: serializers.Field[Any, Any, Any, Any]) -> Any:
        """A query parameter read as `field`, None when it is not there. 400: it does not fit."""
        given = self.request.query_params.get(name)
        try:
            return None if given is None else field.run_validation(given)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({name: error.detail}) from error
