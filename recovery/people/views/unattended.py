"""What nobody on the staff of a programme is in, for its administrators."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from uuid_utils.compat import uuid7

from foundation.problems import NotFound
from recovery.feed.context import set_actor
from recovery.people import queries
from recovery.people.roles import Duty, has_duty
from recovery.people.rules import staff_scope
from recovery.signin.models import User

MOST = 100  # rows of each kind; the list becomes shorter as places are filled
PROGRAMME = OpenApiParameter("programme", OpenApiTypes.UUID, required=True)


class UnattendedRow(serializers.Serializer[queries.Unattended]):
    """`kind`: "record", "group", "series" or "reviews". `id`: of the record or group it is in.

    `needs`: the duty that nobody there has. `waiting`: arrivals, members, series or attempts.
    """

    kind = serializers.CharField()
    id = serializers.UUIDField()
    name = serializers.CharField()
    needs = serializers.SerializerMethodField()
    waiting = serializers.IntegerField()
    since = serializers.DateTimeField(allow_null=True)

    def get_needs(self, row: queries.Unattended) -> str:
        return row.duty.code


class UnattendedRows(serializers.Serializer[Any]):
    """`more`: there may be more of some kind than one answer holds."""

    results = UnattendedRow(many=True)
    more = serializers.BooleanField()


class Asked(serializers.Serializer[Any]):
    programme = serializers.UUIDField()


class UnattendedView(APIView):
    @extend_schema(
        operation_id="people.list_unattended",
        tags=["people"],
        parameters=[PROGRAMME],
        responses={200: UnattendedRows},
    )
    def get(self, request: Request) -> Response:
        """Records without a care team, groups without a leader, series without a keeper, and
        reviews that wait where nobody may review.

        An administrator can fill each place: `care.assign_team_member`, `groups.add_facilitator`.
        Every record and group that is shown is audited.
        """
        query = Asked(data=request.query_params)
        query.is_valid(raise_exception=True)
        programme_id = query.validated_data["programme"]
        user = cast("User", request.user)
        with transaction.atomic():
            set_actor(user.id)
            if not has_duty(staff_scope(programme_id), user.id, Duty.MANAGES):
                raise NotFound
            reading = queries.Reading(programme_id, user.session_id, uuid7(), timezone.now(), MOST)
            rows = queries.unattended(reading)
        counts = Counter(row.kind for row in rows if row.kind != "series")
        answer = {"results": rows, "more": MOST in counts.values()}
        return Response(UnattendedRows(answer).data)
