"""What members see of their group, and patients of an invitation. No legal names, no user ids."""

from __future__ import annotations

from rest_framework import serializers

from foundation.fields import TEXT, a_list, an_object
from recovery.actions.self_reports import SelfReportDocument
from recovery.feed import Policy, document
from recovery.feed.ids import BY_PHONE, OF_SCOPE
from recovery.feed.shapes import BY_LOCALE, Shaped
from recovery.groups.models import GroupInvitation, PeerGroup, Round, RoundLine, Support

HOUSE_RULES = a_list(an_object(code=TEXT, text=BY_LOCALE))


@document(
    "group",
    PeerGroup,
    conflict=Policy.SERVER_OWNED,
    scopes=("group",),
    ids=OF_SCOPE,
    actions=(
        "groups.create",
        "groups.join",
    ),
)
class GroupDocument(serializers.ModelSerializer[PeerGroup]):
    programme = serializers.UUIDField(source="programme_id")
    house_rules = Shaped(HOUSE_RULES)

    class Meta:
        model = PeerGroup
        fields = ["name", "programme", "size_max", "house_rules", "opened_at"]


@document(
    "group_invitation",
    GroupInvitation,
    conflict=Policy.STEPS,
    scopes=("person",),
    ids=BY_PHONE,
    actions=(
        "groups.decline_invitation",
        "groups.invite_member",
        "groups.join",
        "groups.withdraw_invitation",
    ),
)
class GroupInvitationDocument(serializers.ModelSerializer[GroupInvitation]):
    """`group_name` and `programme_name` fill the blanks of the consent form."""

    group = serializers.UUIDField(source="group_id")
    programme_name = serializers.CharField(source="programme.name")
    house_rules = Shaped(HOUSE_RULES)

    class Meta:
        model = GroupInvitation
        fields = [
            "group",
            "group_name",
            "programme_name",
            "house_rules",
            "invited_at",
            "state",
            "answered_at",
        ]


@document(
    "round",
    Round,
    conflict=Policy.STEPS,
    scopes=("group",),
    ids=BY_PHONE,
    actions=(
        "groups.close_round",
        "groups.join",
        "groups.open_round",
    ),
)
class RoundDocument(serializers.ModelSerializer[Round]):
    class Meta:
        model = Round
        fields = ["on_date", "topic", "opened_at", "closed_at"]


@document(
    "round_line",
    RoundLine,
    conflict=Policy.APPEND_ONLY,
    said_at="received_at",
    scopes=("group",),
    ids=BY_PHONE,
    actions=("groups.add_line",),
)
class RoundLineDocument(SelfReportDocument):
    round = serializers.UUIDField(source="round_id")
    author = serializers.UUIDField(source="author_id")

    class Meta:
        model = RoundLine
        fields = ["round", "author", "kind", "text", "written_at", "received_at", "unread"]


@document(
    "support",
    Support,
    conflict=Policy.APPEND_ONLY,
    said_at="written_at",
    scopes=("group",),
    ids=BY_PHONE,
    actions=("groups.support_line",),
)
class SupportDocument(SelfReportDocument):
    line = serializers.UUIDField(source="line_id")
    author = serializers.UUIDField(source="author_id")

    class Meta:
        model = Support
        fields = ["line", "author", "word", "text", "written_at", "unread"]
