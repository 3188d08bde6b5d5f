"""The invitations of a programme, for staff who manage its people."""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from notifications import queue
from recovery.actions.ledger import audit_read
from recovery.actions.views import VisibleRows, described_list
from recovery.feed.context import acting_as
from recovery.feed.models import Membership
from recovery.people.actions.invitations import letter_key
from recovery.people.models import STATES, Invitation, Person
from recovery.people.roles import Duty, roles_with
from recovery.signin.models import User

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
        # They are in the person's own scope. The read is recorded there, where they see it.
        with acting_as(row.user_id):
            person = Person.objects.in_scope(row.user_id).get(id=row.user_id)
        audit_read([person], self.context["request"].user, timezone.now())
        address = User.objects.get(id=row.user_id).email or person.email
        return {"name": person.full_name, "address": address if row.by_email else None}


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
        return rows.filter(
            Q(for_staff=True, scope_id__in=self._scopes(Duty.MANAGES))
            | Q(for_staff=False, scope_id__in=self._scopes(Duty.INVITES))
            # In a programme with one administrator, a colleague approves.
            | Q(needs_approval=True, approved_at=None, scope_id__in=self._scopes(Duty.INVITES))
        )

    def get_serializer(self, rows: Any = (), **options: Any) -> Any:
        by_scope = groupby(sorted(rows, key=_scope_of), key=_scope_of)
        for scope_id, here in by_scope:
            letters = {letter_key(row.id): row for row in here}
            for key, state in queue.email_states(scope_id, letters).items():
                letters[key].letter = state
        return super().get_serializer(rows, **options)

    def _scopes(self, duty: Duty) -> QuerySet[Any, Any]:
        caller: Any = self.request.user
        mine = Membership.objects.filter(user_id=caller.id, held=False)
        return mine.filter(role__in=roles_with(duty)).values("scope_id")
