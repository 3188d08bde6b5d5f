"""Lists of groups and their members for the staff's screens."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from recovery.actions.views import VisibleRows, described_list
from recovery.conversations.documents import MemberCardDocument
from recovery.conversations.models import MemberCard
from recovery.groups.documents import GroupDocument
from recovery.groups.models import PeerGroup
from recovery.groups.queries import facilitated_by

SCOPE = "a group"


class GroupRow(GroupDocument):
    class Meta(GroupDocument.Meta):
        fields = ["id", *GroupDocument.Meta.fields]


class GroupRosterRow(MemberCardDocument):
    """A card with the user id, by which staff find the person among their patients."""

    group = serializers.UUIDField(source="scope_id")
    user = serializers.UUIDField(source="user_id")
    alias = serializers.CharField()  # type: ignore[assignment]  # also after leaving
    avatar = serializers.CharField()  # type: ignore[assignment]

    class Meta(MemberCardDocument.Meta):
        fields = ["id", "group", "user", *MemberCardDocument.Meta.fields]


@described_list("groups.list_groups", scope=SCOPE)
class Groups(VisibleRows):
    """The groups that the caller leads, newest first."""

    model = PeerGroup
    serializer_class = GroupRow
    newest_first = ("-opened_at", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(scope_id__any=facilitated_by(self.request.user))


@described_list("groups.list_members", scope=SCOPE)
class Roster(VisibleRows):
    """Current and former members of the groups that the caller leads, newest first. Members have no
    roster: they know each other only by alias."""

    model = MemberCard
    serializer_class = GroupRosterRow
    newest_first = ("-joined_at", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(scope_id__any=facilitated_by(self.request.user))
