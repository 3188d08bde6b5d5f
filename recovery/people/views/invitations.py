"""The invitations of a programme, for staff who manage its people."""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from notifications import queue
from recovery.actions.views import VisibleRows, described_list
from recovery.people import queries
from recovery.people.models import STATES, Invitation

USER = OpenApiParameter("user", OpenApiTypes.UUID, description="only those of this person")


class InvitationRow(serializers.ModelSerializer[Invitation]):
    """`state`: a code in `waiting` works, from `usable_from` on if that is set.

    `name`, `address`: whose account it opens and where the letter goes, only while the code waits
    for approval. Those who approve it have to know, and need not be on the person's care team.

    `letter`: what became of the e-mail with the code: `waiting`, `sent`, `undeliverable` (there is
    no such address) or `expired` (it could not be sent in time, or the code was revoked before).
    Null: none was queued, or it ended more than two weeks ago.
    """

    user = serializers.UUIDField(source="user_id")
    programme = serializers.UUIDField(source="programme_id")
    state = serializers.SerializerMethodField()
    name = serializers.CharField(read_only=True, allow_null=True, default=None)
    address = serializers.CharField(read_only=True, allow_null=True, default=None)
    letter = serializers.ChoiceField(choices=[*queue.FATES.values()], allow_null=True, default=None)

    class Meta:
        model = Invitation
        fields = [
            "id",
            "programme",
            "user",
            "name",
            "address",
            "for_staff",
            "state",
            "by_email",
            "letter",
            "invited_by",
            "created_at",
            "expires_at",
            "needs_approval",
            "approved_by",
            "approved_at",
            "resets_factors",
            "usable_from",
            "used_at",
            "revoked_at",
            "refused_at",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, row: Invitation) -> str:
        return row.state(timezone.now())

    def to_representation(self, row: Invitation) -> dict[str, Any]:
        shown = super().to_representation(row)
        waits = shown["state"] == "needs_approval"
        return shown | (self._whose(row) if waits else {"name": None, "address": None})

    def _whose(self, row: Invitation) -> dict[str, str | None]:
        name, address = queries.owner_of(row, self.context["request"].user, timezone.now())
        return {"name": name, "address": address if row.by_email else None}


def _scope_of(row: Invitation) -> uuid.UUID:
    return row.scope_id


@described_list("people.list_invitations", USER, scope="the `staff:` scope of a programme")
class Invitations(VisibleRows):
    """Invitations to the people whom the caller may invite, newest first: of patients for those who
    invite, of staff for those who manage the programme."""

    model = Invitation
    serializer_class = InvitationRow
    newest_first = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if user := self.parameter("user", serializers.UUIDField()):
            rows = rows.filter(user_id=user)
        return rows.filter(queries.invitations_for(self.request.user))

    def get_serializer(self, rows: Any = (), **options: Any) -> Any:
        by_scope = groupby(sorted(rows, key=_scope_of), key=_scope_of)
        for scope_id, here in by_scope:
            by_id = {row.id: row for row in here}
            for id_, state in queries.letter_states(scope_id, by_id.values()).items():
                by_id[id_].letter = state
        return super().get_serializer(rows, **options)
